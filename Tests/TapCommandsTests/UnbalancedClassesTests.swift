import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// An accuracy hides rare classes. The tests cover `--select-by`, the worst class, and classes that are never
/// predicted.
@Suite struct UnbalancedClassesTests {
  /// Rows of two classes. In one of four columns, `shift` is added to the values of `defect`.
  private static func table(fine: Int, defect: Int, shift: Double, split: (Int) -> String = { _ in "" })
    -> String
  {
    var text = "label,split,a,b,c,d\n"
    for row in 0..<(fine + defect) {
      let isDefect = row >= fine
      let values = (0..<4).map { Double((row * (7 + 4 * $0) + row * row * ($0 + 3)) % 101) / 25 }
      text += "\(isDefect ? "defect" : "fine"),\(split(row)),"
      text += "\(values[0] + (isDefect ? shift : 0)),\(values[1]),\(values[2]),\(values[3])\n"
    }
    return text
  }

  private func said(_ outcome: Tool.Outcome) -> String {
    (outcome.output + outcome.errors).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  @Test func unbalancedClassesAreChosenForAndNamed() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table(fine: 60, defect: 6, shift: 3), to: folder + "/few.csv")
      try BadInputTests.write(Self.table(fine: 60, defect: 30, shift: 3), to: folder + "/many.csv")
      let few = try Tool.run(["train", "few.csv", "--output", "few.layertap"], in: folder)
      #expect(few.status == 0, "\(few.errors)")
      #expect(few.output.contains("\nchosen by    balanced accuracy, "), "\(few.output)")
      #expect(
        few.output.contains(" % (classes have 6 to 60 training images; --select-by)\n"), "\(few.output)")
      #expect(few.output.contains("\nworst class  'defect', "), "\(few.output)")
      let stated = try Tool.run(
        ["train", "few.csv", "--select-by", "accuracy", "--output", "stated.layertap"], in: folder)
      #expect(!stated.output.contains("chosen by") && stated.output.contains("\nworst class  "))
      let balanced = try Tool.run(
        ["train", "few.csv", "--select-by", "balanced-accuracy", "--output", "balanced.layertap"], in: folder)
      #expect(
        balanced.output.contains("\nchosen by    balanced accuracy, ") && !balanced.output.contains("to 60"))
      // If every class has enough images, there is no warning.
      let many = try Tool.run(["train", "many.csv", "--output", "many.layertap"], in: folder)
      #expect(!many.output.contains("chosen by") && !many.output.contains("worst class"), "\(many.output)")

      let evaluated = try Tool.run(["evaluate", "few.layertap", "many.csv"], in: folder)
      #expect(evaluated.output.contains("\nworst class '"), "\(evaluated.output)")
      let other = try Tool.run(["evaluate", "many.layertap", "many.csv"], in: folder)
      #expect(!other.output.contains("worst class"))

      let compared = try Tool.run(
        ["compare", "few.csv", "--classifier", "logistic", "svm", "--format", "json"], in: folder)
      let json = try JSONValue.parse(compared.output)
      #expect(json["criterion"]?.stringValue == "balanced-accuracy", "\(compared.errors)")
      let scores = json["entries"]?.arrayValue?.compactMap { $0["score"]?.doubleValue } ?? []
      #expect(scores.count == 2 && json["best"]?.intValue == (scores[1] > scores[0] ? 1 : 0))
      let text = try Tool.run(["compare", "few.csv"], in: folder).output
      #expect(
        text.contains("; the best by balanced accuracy, ") && text.contains("worst class of the best: "),
        "\(text)")
    }
  }

  /// The model file keeps the criterion by which C was chosen. A warm start uses this criterion again.
  @Test func theModelKeepsTheCriterion() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table(fine: 60, defect: 6, shift: 3), to: folder + "/few.csv")
      let by = ["--select-by", "macro-f1"]
      #expect(try Tool.run(["train", "few.csv", "--output", "m.layertap"] + by, in: folder).status == 0)
      let header = try ModelContents(folder + "/m.layertap").metadata
      #expect(header["settings"]?.contains("\"selectBy\":\"macro-f1\"") == true)
      #expect(header["selection"]?.contains("\"criterion\":\"macro-f1\"") == true)
    }
  }

  @Test func aClassThatIsNeverPredictedIsAWarning() throws {
    try withTemporaryFolder { folder in
      let text = Self.table(fine: 60, defect: 6, shift: 0) { $0 % 3 == 0 ? "test" : "train" }
      try BadInputTests.write(text, to: folder + "/lost.csv")
      let trained = try Tool.run(
        ["train", "lost.csv", "--c", "1e-5", "--output", "m.layertap", "--report", "m.html"], in: folder)
      #expect(trained.status == 0)
      let line =
        "Class 'defect' is never predicted, though it has 4 of the 44 training images: more images of it help, or "
        + "--class-weight balanced."
      #expect(said(trained).contains(line), "\(trained.errors)")
      #expect(said(trained).contains("though it has 2 of the 22 test images"), "\(trained.errors)")
      let page = try String(decoding: FileSystem.read(folder + "/m.html"), as: UTF8.self)
      let first = try #require(page.firstRange(of: "is never predicted")).lowerBound
      let lead = try #require(page.firstRange(of: "<p class=\"lead\"")).lowerBound
      #expect(first < lead)
      let evaluated = try Tool.run(["evaluate", "m.layertap", "lost.csv", "--report", "e.html"], in: folder)
      #expect(
        said(evaluated).contains("Class 'defect' is never predicted, though it has 2 of the 22 test images"))
      let compared = try Tool.run(["compare", "lost.csv", "--c", "1e-5", "--report", "c.html"], in: folder)
      #expect(said(compared).contains(line), "\(compared.output)")
      for name in ["e", "c"] {
        let page = try String(decoding: FileSystem.read("\(folder)/\(name).html"), as: UTF8.self)
        let first = try #require(page.firstRange(of: "is never predicted")).lowerBound
        #expect(try first < #require(page.firstRange(of: "<p class=\"lead\"")).lowerBound)
      }
    }
  }

  @Test func marginsHaveNoLogLoss() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table(fine: 20, defect: 20, shift: 3), to: folder + "/t.csv")
      for (command, kinds) in [
        ("train", ["svm"]), ("compare", ["logistic", "svm"]), ("train", ["nearest-mean"]),
      ] {
        let outcome = try Tool.run(
          [command, "t.csv", "--select-by", "log-loss", "--classifier"] + kinds, in: folder)
        #expect(outcome.status == 64)
        #expect(
          outcome.errors.hasPrefix("Error: '--select-by': log-loss needs probabilities, and "),
          "\(outcome.errors)")
      }
      let logistic = try Tool.run(["train", "t.csv", "--select-by", "log-loss"], in: folder)
      #expect(
        logistic.status == 0 && logistic.output.contains("\nchosen by    log loss, 0."), "\(logistic.output)")
    }
  }
}
