// Compares nested cross-validation with a computation in Python: see Tests/Reference/selection/generate.py.

import FoundationEssentials
import TapClassifier
import TapFormats
import TapSelection
import TapSettings
import TapTraining
import TestSupport
import Testing
import TrainingSupport

struct NestedEstimateTests {
  struct Table: Decodable {
    let columns: Int
    let features: [Float]
    let labels: [Int]
  }

  struct Case: Decodable {
    let data: String
    let rule: String
    let folds: Int
    let seed: UInt64
    let chosen: [Double]
    let correct: [Int]
  }

  struct Reference: Decodable {
    let data: [String: Table]
    let nested: [Case]
  }

  /// The rows of the table, followed by `testRows` test rows of NaN.
  func load(_ table: Table, testRows: Int = 0) throws -> LabeledFeatures {
    try withTemporaryFolder { folder in
      let rows = table.labels.count + testRows
      let spoiled = [Float](repeating: .nan, count: testRows * table.columns)
      let encoded = NPY.encode(table.features + spoiled, shape: [rows, table.columns])
      try Data(encoded).write(to: URL(filePath: folder + "/X.npy"))
      var text = "label,split\n" + table.labels.map { "\($0),train\n" }.joined()
      text += String(repeating: "0,test\n", count: testRows)
      try Data(text.utf8).write(to: URL(filePath: folder + "/X.csv"))
      return try LabeledFeatures(matrix: folder + "/X.npy")
    }
  }

  let reference: Reference

  init() throws {
    let path = Repository.path("Tests/Reference/selection/selection.json")
    reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: URL(filePath: path)))
  }

  /// The test rows contain NaN, so code that used them would fail.
  @Test func nestedEstimatesAreThoseOfPython() throws {
    for item in reference.nested {
      let data = try load(try #require(reference.data[item.data]), testRows: 5)
      let rule = try #require(SelectionRule(rawValue: item.rule))
      let trainer = Trainer(
        .with {
          $0.folds = item.folds
          $0.seed = item.seed
          $0.rule = rule
        }, threads: 2)
      let nested = try trainer.nestedEstimate(data, Partition(data.images))
      #expect(nested.folds.map(\.successes) == item.correct)
      #expect(nested.chosen.map(\.c) == item.chosen)
      #expect(nested.accuracy.count == data.items.count - 5)
      let trained = try trainer.train(data, Partition(data.images))
      #expect(trained.summary.selection.text.hasSuffix("rule") == (item.rule == "one-se"))
    }
  }

  @Test func nestedNeedsThreeOfAClassAndNoValidationSplit() throws {
    let few = try TrainingFixtures.data(30, labels: (0..<30).map { $0 < 2 ? "rare" : ["a", "b"][$0 % 2] })
    #expect(throws: TrainingError.tooFewOfClass(name: "rare", count: 2, needed: 3)) {
      try Trainer().nestedEstimate(few, Partition(few.images))
    }
    let divided = try TrainingFixtures.data(30, splits: ["train", "train", "train", "val"])
    #expect(throws: TrainingError.nestedValidation) {
      try Trainer().nestedEstimate(divided, Partition(divided.images))
    }
  }

  @Test func repeatsAndRulesAreToldApart() throws {
    let data = try TrainingFixtures.data(60)
    var trainer = Trainer(
      .with {
        $0.folds = 3
        $0.seed = 1
        $0.repeats = 4
      })
    let trained = try trainer.train(data, Partition(data.images))
    #expect(trained.summary.selection.text == "3-fold cross-validation, 4 repeats")
    #expect(trained.chosen.selection.chosen.folds.count == 12)
    #expect(trained.chosen.selection.chosen.accuracy.count == 60)
    trainer.settings.rule = .oneStandardError
    let simple = try trainer.train(data, Partition(data.images))
    #expect(simple.summary.selection.text == "3-fold cross-validation, 4 repeats, one-standard-error rule")
    #expect(try #require(simple.model.c) <= #require(trained.model.c))
  }
}
