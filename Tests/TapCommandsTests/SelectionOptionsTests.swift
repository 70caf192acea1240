import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// How `train` and `compare` choose C: by repeated folds, one standard error, or a part held out.
@Suite struct SelectionOptionsTests {
  /// `compare` chooses as `train` does.
  @Test func comparisonsChooseSo() throws {
    try withTemporaryFolder { folder in
      let file = "\(FeatureFileTests.features)/plain.npz"
      func compare(_ options: [String]) throws -> Tool.Outcome {
        try Tool.run(["compare", file, "--classifier", "logistic", "svm"] + options, in: folder)
      }
      func chosen(_ options: [String]) throws -> (json: JSONValue, c: [Double]) {
        let outcome = try compare(options + ["--format", "json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let json = try JSONValue.parse(outcome.output)
        return (json, json["entries"]?.arrayValue?.compactMap { $0["c"]?.doubleValue } ?? [])
      }
      let best = try chosen(["--repeats", "2", "--folds", "4", "--calibrate", "auto"])
      #expect(best.json["method"]?.stringValue == "4-fold cross-validation, 2 repeats")
      let simple = try chosen(["--repeats", "2", "--folds", "4", "--select", "one-se"])
      #expect(
        simple.json["method"]?.stringValue == "4-fold cross-validation, 2 repeats, one-standard-error rule")
      #expect(best.c.count == 2 && zip(simple.c, best.c).allSatisfy { $0 <= $1 } && simple.c != best.c)
      let held = try chosen(["--validation-fraction", "0.25"])
      #expect(held.json["method"]?.stringValue == "validation split, 25.0 % of the training images")
      #expect(held.json["images"]?["validation"]?.intValue == 15)
      let text = try compare(["--validation-fraction", "0.25", "--c", "1"]).output
      #expect(text.contains("45 training images, 15 validation images; accuracies by the validation images"))
      for (options, message) in [
        (
          ["--calibrate", "platt"],
          "'--calibrate': platt is for --classifier svm or --multi-class one-vs-rest"
        ),
        (
          ["--validation-fraction", "0.2", "--folds", "3"],
          "'--folds': it is for cross-validation, and --validation-fraction takes its place"
        ),
      ] {
        let wrong = try compare(options)
        #expect(wrong.status == 64 && wrong.errors.hasPrefix("Error: " + message), "\(wrong.errors)")
      }
    }
  }

  @Test func aPartOfTheTrainingImagesCanChoose() throws {
    try withTemporaryFolder { folder in
      let train = ["train", "\(FeatureFileTests.features)/plain.npz", "--validation-fraction", "0.2"]
      let outcome = try Tool.run(train + ["--output", "m.layertap"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        outcome.output.contains("48 training images, 12 validation images (drawn: 20.0 % of each class)"),
        "\(outcome.output)")
      #expect(outcome.output.contains("\nestimate     validation accuracy "))
      #expect(outcome.errors.contains("There is no test split: the validation accuracy is an estimate"))
      let nested = try Tool.run(train + ["--nested", "--output", "n.layertap"], in: folder)
      #expect(
        nested.status == 64 && nested.errors.contains("--validation-fraction takes its place: leave one"))
      #expect(!FileSystem.exists(folder + "/n.layertap"))
    }
  }
}
