import TapFormats
import TestSupport
import Testing

/// If cross-validation is impossible and there is nothing to choose, a model is fitted anyway. A note says that it has
/// no estimate.
@Suite struct NoEstimateTests {
  /// Writes three classes. The last class is one group, or one image.
  private func write(to path: String, lastIsOneImage: Bool = false) throws {
    var text = "label,group,a,b\n"
    for row in 0..<60 {
      let label = row / 20
      if lastIsOneImage, row > 40 { break }
      text += "\(["one", "two", "three"][label]),\(label == 2 ? "A" : "g\(row % 7)"),"
      text += "\(label * 2 + row * 7 % 5),\((label == 1 ? 5 : 0) + row * 3 % 7)\n"
    }
    try BadInputTests.write(text, to: path)
  }

  private func words(_ outcome: Tool.Outcome) -> String {
    (outcome.output + outcome.errors).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  @Test func aClassOfOneGroupCanBeTrainedWithAGivenC() throws {
    try withTemporaryFolder { folder in
      try write(to: folder + "/groups.csv")
      let searched = try Tool.run(["train", "groups.csv", "--output", "s.layertap"], in: folder)
      #expect(searched.status != 0)
      #expect(
        searched.errors.contains(
          "all images of class 'three' fall into one fold, because groups stay whole, so that nothing of it is left to train on: "
        ),
        "\(searched.errors)")
      for (index, kind) in [
        ["--c", "1"], ["--classifier", "nearest-mean"],
        ["--c", "1", "--classifier", "svm", "--calibrate", "auto"],
        ["--penalty", "none", "--maximum-iterations", "20"], ["--c", "1", "--nested"],
      ].enumerated() {
        let outcome = try Tool.run(
          ["train", "groups.csv", "--output", "\(index).layertap", "--report", "\(index).html"] + kind,
          in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
          outcome.output.contains("\nestimate     none: no image could be held out\n"), "\(outcome.output)")
        let calibration = kind.contains("--calibrate") ? " and no calibration" : ""
        #expect(
          words(outcome).contains(
            "There is no estimate of the accuracy\(calibration): all images of class 'three' fall into one fold, because groups stay "
              + "whole. The model is fitted as asked; "), "\(outcome.errors)")
        #expect(
          words(outcome).contains("There is no nested estimate: all images of class 'three' fall")
            == kind.contains("--nested"))
        #expect(!words(outcome).contains("There is no test split"))
        let evaluated = try Tool.run(["evaluate", "\(index).layertap", "groups.csv"], in: folder)
        #expect(evaluated.status == 0, "\(evaluated.errors)")
      }
      let header = try ModelContents(folder + "/0.layertap").metadata
      #expect(header["selection"]?.contains("\"method\":\"none\"") == true)
      #expect(header["training"]?.contains("\"estimates\":[]") == true)
      // A comparison consists of estimates, so it fails.
      #expect(try Tool.run(["compare", "groups.csv", "--c", "1"], in: folder).status != 0)
    }
  }

  @Test func aClassOfOneImageCanBeTrainedWithAGivenC() throws {
    try withTemporaryFolder { folder in
      try write(to: folder + "/one.csv", lastIsOneImage: true)
      #expect(try Tool.run(["train", "one.csv", "--output", "s.layertap"], in: folder).status != 0)
      let outcome = try Tool.run(["train", "one.csv", "--c", "1", "--output", "m.layertap"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        words(outcome).contains("class 'three' has 1 training image, and 2 are needed"), "\(outcome.errors)")
      let compared = try Tool.run(["compare", "one.csv", "--c", "1"], in: folder)
      #expect(compared.status != 0)
    }
  }

  /// Two images of a class are enough for a choice, but too few for nested folds.
  @Test func whereOnlyTheNestedEstimateFailsTheRestIsKept() throws {
    try withTemporaryFolder { folder in
      var text = "label,a,b\n"
      for row in 0..<42 {
        text += "\(row < 40 ? row % 2 : 2),\(row % 2 * 3 + row * 7 % 5),\(row < 40 ? 0 : 9)\n"
      }
      try BadInputTests.write(text, to: folder + "/two.csv")
      let train = try Tool.run(["train", "two.csv", "--nested", "--output", "m.layertap"], in: folder)
      let compare = try Tool.run(["compare", "two.csv", "--nested"], in: folder)
      for outcome in [train, compare] {
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
          words(outcome).contains(
            "There is no nested estimate: class '2' has 2 training images, and 3 are needed."),
          "\(outcome.errors)")
      }
    }
  }
}
