// With the usual settings, a class of few images is found among many other images.

import TapBackbone
import TapFeatures
import TapFileSystem
import TapLinear
import TapMetrics
import TapSelection
import TapSettings
import TapTraining
import TestSupport
import Testing

struct RareClassTests {
  /// The classes are zero and other. Five zeros and 300 other digits are for training, and their writers are not those
  /// of the test images.
  @Test(.needs(.lite0)) func zerosAreFoundAmongDigits() throws {
    try withTemporaryFolder { folder in
      let digits = Repository.path("data/digits")
      var list = "path,label,split\n"
      for label in 0..<10 {
        for split in ["train", "test"] {
          let names = try FileSystem.list("\(digits)/\(split)/\(label)")
          // Each of the other digits has 33 or 34 images.
          let count = split == "test" ? names.count : label == 0 ? 5 : 33 + (label < 4 ? 1 : 0)
          for name in names.prefix(count) {
            list += "\(digits)/\(split)/\(label)/\(name),\(label == 0 ? "zero" : "other"),\(split)\n"
          }
        }
      }
      try AtomicWriter.replace(folder + "/list.csv", with: list)
      let backbone = try Backbone.load()
      let columns = try backbone.columns(layers: ["penultimate"], poolings: [.avg])
      let extraction = try FeatureExtractor(backbone: backbone, columns: columns).extract(
        try ImageList(manifest: folder + "/list.csv"), into: folder + "/store")
      let data = try LabeledFeatures(extraction.items, in: extraction.store, columns: columns)
      let features = data.candidates[0].features
      let partition = try Partition(data.images)
      #expect(partition.training.count == 305 && partition.test.count == 450)
      func recall(_ predictions: [Int]) -> Double {
        let zeros = zip(partition.test, predictions).filter { data.items[$0.0].image.label == "zero" }
        return Double(zeros.count { $0.1 == 1 }) / Double(zeros.count)
      }
      let testRows = partition.test.map { data.items[$0].row }
      let trained = try Trainer().train(data, partition)
      let found = recall(try trained.model.predictions(features, rows: testRows))

      // Plain fits cover the whole grid, without a path, patience or warm starts.
      let rows = partition.training.map { data.items[$0].row }
      var labels = [Int](repeating: 0, count: features.rows)
      for item in data.items where item.image.label == "zero" { labels[item.row] = 1 }
      let splits = try Splits.stratifiedFolds(labels: rows.map { labels[$0] }, classCount: 2)
      var best = (score: -1.0, loss: Double.infinity, c: 0.0)
      for c in RegularizationSearch.automaticCandidates {
        let model = LinearModel.logistic(LogisticRegression(c: c, tolerance: 1e-7))
        var (truth, predictions, loss): ([Int], [Int], Double) = ([], [], 0)
        for split in splits {
          let held = split.validation.map { rows[$0] }
          let fitted = try model.fit(
            features, rows: split.training.map { rows[$0] }, labels: labels, classCount: 2)
          truth += held.map { labels[$0] }
          predictions += try fitted.predictions(features, rows: held)
          loss +=
            Double(held.count)
            * ClassificationMetrics.logLoss(
              labels: held.map { labels[$0] }, probabilities: try fitted.probabilities(features, rows: held),
              classCount: 2)
        }
        let score = ConfusionMatrix(labels: truth, predictions: predictions, classCount: 2).balancedAccuracy
        if score > best.score + 1e-12 || (score > best.score - 1e-12 && loss < best.loss) {
          best = (score, loss, c)
        }
      }
      let full = try LinearModel.logistic(LogisticRegression(c: best.c)).fit(
        features, rows: rows, labels: labels, classCount: 2)
      let reference = recall(try full.predictions(features, rows: testRows))
      #expect(
        found >= reference - 0.05,
        "recall \(found) with C \(trained.model.c ?? 0), \(reference) with C \(best.c)")
      #expect(found > 0)
    }
  }
}
