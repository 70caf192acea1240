// Embeds labeled photographs, trains on those below train/, and predicts those below test/.
import LayerTap

let images = try ImageList(paths: [CommandLine.arguments.dropFirst().first ?? "data/surfaces"])
let backbone = try Backbone.load("efficientnet_lite0")
let columns = try backbone.columns(layers: ["penultimate"], poolings: [.avg])
let extractor = FeatureExtractor(backbone: backbone, columns: columns)
let extraction = try extractor.extract(images, into: "layertap-store")

// A row of the store belongs to the contents of a file; each item has its row.
let features = try extraction.store.matrix(columns[0])
var labels = [Int](repeating: 0, count: features.rows)
var rows: [SplitName: [Int]] = [:]
for stored in extraction.readable {
  guard let row = stored.row, let label = stored.item.label, let split = stored.item.split else { continue }
  labels[row] = images.classNames.firstIndex(of: label) ?? 0
  rows[split, default: []].append(row)
}

let (train, test) = (rows[.train] ?? [], rows[.test] ?? [])
let model = try LogisticRegression(c: 0.01).fit(
  features, rows: train, labels: labels, classCount: images.classNames.count)
let right = zip(try model.predictions(features, rows: test), test).count { $0 == labels[$1] }
print("\(right) of \(test.count) test images are right")
