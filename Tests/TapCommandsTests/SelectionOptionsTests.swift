import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// `train` and `compare` choose C by repeated folds, by the one-standard-error rule, or by a held-out part.
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

  /// One line reports the parts that the search left out, and `--exhaustive` leaves nothing out.
  @Test func exhaustiveSearchesLeaveNothingOut() throws {
    try withTemporaryFolder { folder in
      var table = "label,a,b\n"
      for row in 0..<40 { table += "\(row % 2 == 0 ? "x" : "y"),\(row % 2 == 0 ? -9 : 9),\(row)\n" }
      try AtomicWriter.replace(folder + "/X.csv", with: table)
      let left = " values of C not tried: larger ones brought nothing better; --exhaustive tries all.\n"
      for command in [["train", "X.csv", "--report", "m.html", "-o", "m.layertap"], ["compare", "X.csv"]] {
        let usual = try Tool.run(command, in: folder)
        #expect(usual.status == 0 && usual.errors.contains(" of 19" + left), "\(usual.errors)")
        #expect(usual.errors.split(separator: "\n").filter { $0.contains("not tried") }.count == 1)
        // The line about the default search is no warning, so `--strict` does not fail.
        #expect(try Tool.run(command + ["--strict"], in: folder).status == 0)
        if command[0] == "train" {
          let page = String(decoding: try FileSystem.read(folder + "/m.html"), as: UTF8.self)
          #expect(page.contains("larger ones brought nothing better; &#39;exhaustive&#39; tries all."))
        }
        let all = try Tool.run(command + ["--exhaustive"], in: folder)
        #expect(all.status == 0 && !all.errors.contains("not tried"), "\(all.errors)")
        if command[0] == "train" {
          #expect(all.output.contains("the best of 19 values of C"), "\(all.output)")
          let page = String(decoding: try FileSystem.read(folder + "/m.html"), as: UTF8.self)
          #expect(!page.contains("brought nothing better"))
        }
      }
      // A warm start keeps the chosen C and does not search, so it leaves out no value.
      let warm = try Tool.run(
        ["train", "X.csv", "--warm-start", "m.layertap", "-o", "w.layertap"], in: folder)
      #expect(warm.status == 0 && !warm.errors.contains("not tried"), "\(warm.errors)")
      let both = try Tool.run(["compare", "X.csv", "--classifier", "logistic", "svm"], in: folder)
      #expect(
        both.errors.contains(" of 38 values of C not tried, in 2 of 2 searches: larger"), "\(both.errors)")
      for (options, message) in [
        (
          ["--c", "1"],
          "one value of C is given, so that nothing is searched for: leave it out, or give --c several"
        ),
        (["--classifier", "nearest-mean"], "this model has no C to search for: leave it out"),
        (["--penalty", "none"], "this model has no C to search for: leave it out"),
      ] {
        for command in ["train", "compare"] {
          let wrong = try Tool.run([command, "X.csv", "--exhaustive"] + options, in: folder)
          #expect(
            wrong.status == 64 && wrong.errors.hasPrefix("Error: '--exhaustive': " + message),
            "\(wrong.errors)")
        }
      }
    }
  }

  /// `--dry-run` estimates the cost of the search, and suggests how to shorten a long search. It writes nothing.
  @Test func dryRunsEstimateTheSearch() throws {
    try withTemporaryFolder { folder in
      let file = "\(FeatureFileTests.features)/plain.npz"
      for command in ["train", "compare"] {
        let plan = try Tool.run([command, file, "--dry-run"], in: folder)
        #expect(plan.status == 0 && plan.errors.isEmpty, "\(plan.errors)")
        #expect(
          plan.output.contains(
            "\nsearch       1 column × 19 values of C × 5 folds: at most 95 fits, roughly "),
          "\(plan.output)")
        #expect(plan.output.hasSuffix("\nNothing was computed or written (--dry-run).\n"))
        let long = try Tool.run(
          [
            command, file, "--dry-run", "--classifier", "svm", "--loss", "crammer-singer", "--folds", "60",
            "--repeats",
            "100", "--nested", "--threads", "1",
          ], in: folder)
        #expect(long.status == 0)
        #expect(
          long.output.contains("\nnested       everything anew without each fold: at most "), "\(long.output)"
        )
        #expect(
          long.errors.hasPrefix("Choosing C takes roughly ")
            && long.errors.hasSuffix(
              " fits. Shorter with no --nested, fewer values of C (--c), fewer --folds, fewer --repeats, principal "
                + "components (--pca), or a looser --tolerance.\n"),
          "\(long.errors)")
      }
      #expect(try FileSystem.list(folder).isEmpty)
    }
  }
}
