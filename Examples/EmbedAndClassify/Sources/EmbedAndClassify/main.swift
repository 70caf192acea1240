// Trains a classifier on the images below train/, saves it, and predicts the images below test/.
import LayerTap

let images = try ImageList(paths: [CommandLine.arguments.dropFirst().first ?? "data/surfaces"])
let (train, test) = (images.filter { $0.split == .train }, images.filter { $0.split == .test })

let extractor = try ImageFeatureExtractor("efficientnet_lite0", layers: ["penultimate"])
let features = try extractor.features(of: train)
print("features of \(features.matrix.rows) images; the first value is \(features.matrix[0, 0])")

let data = try LabeledFeatures(features, labels: train.items.compactMap(\.label))
try Trainer(TrainingSettings(c: 0.01)).fit(data).write(to: "surfaces.layertap")

let classifier = try Classifier(contentsOf: "surfaces.layertap")
let predictions = try classifier.predict(extractor.features(of: test))
let right = zip(predictions, test.items).count { $0.className == $1.label }
print("\(right) of \(predictions.count) test images are right")
