import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// The output of `train`, `evaluate`, `predict` and `compare` for models other than the plain logistic regression.
@Suite struct ModelChoiceTests {
  /// The nearest-mean baseline has no C, no duality gap and no probabilities, and the output says so.
  @Test func aNearestMeanSaysWhatItLacks() throws {
    try withTemporaryFolder { folder in
      let file = "\(FeatureFileTests.features)/plain.npz"
      let train = ["train", file, "--classifier", "nearest-mean", "--output", "m.layertap"]
      let trained = try Tool.run(train + ["--nested", "--report", "m.html"], in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.output.contains("\nfit          class means, exact; a nearest mean has no C\n"))
      #expect(!trained.output.contains("\nC ") && trained.output.contains("in 5 outer folds)\n"))
      let page = String(decoding: try FileSystem.read(folder + "/m.html"), as: UTF8.self)
      #expect(page.contains("class means, exact; scatter within classes") && !page.contains("certified"))
      let json = try JSONValue.parse(
        Tool.run(["predict", "m.layertap", file, "--format", "json", "--top", "3"], in: folder).output)
      #expect(json.arrayValue?.count == 60)
      for row in json.arrayValue ?? [] {
        let values = row["predictions"]?.arrayValue?.compactMap { $0["similarity"]?.doubleValue } ?? []
        #expect(values.count == 3 && values == values.sorted(by: >))
      }
      #expect(!(try Tool.run(["evaluate", "m.layertap", file], in: folder).output.contains("log loss")))
      let calibrated = try Tool.run(train + ["--calibrate", "auto"], in: folder)
      #expect(calibrated.output.contains("\ncalibration  temperature "), "\(calibrated.errors)")
      #expect(try Tool.run(["predict", "m.layertap", file], in: folder).output.contains(" %\n"))
      for option in [["--c", "1"], ["--select", "best"], ["--class-weight", "balanced"]] {
        let wrong = try Tool.run(train + option, in: folder)
        #expect(wrong.status == 64 && wrong.errors.hasPrefix("Error: '\(option[0])': a nearest mean "))
      }
      let compared = try Tool.run(
        ["compare", file, "--classifier", "logistic", "nearest-mean", "--c", "0.1"], in: folder)
      #expect(compared.output.contains("nearest-mean           7    —"), "\(compared.output)")
    }
  }

  /// The model contains the normalization of rows and the principal components. Commands that use it need no option.
  @Test func transformsTravelInTheModel() throws {
    try withTemporaryFolder { folder in
      let file = "\(FeatureFileTests.features)/plain.npz"
      let train = ["train", file, "--c", "0.1", "--output", "m.layertap"]
      let trained = try Tool.run(
        train + ["--normalize-rows", "--pca", "3", "--whiten", "--report", "m.html"], in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.output.contains("7 values, each row divided by its norm\ncomponents   3, whitened, "))
      let page = String(decoding: try FileSystem.read(folder + "/m.html"), as: UTF8.self)
      #expect(page.contains("divided by their Euclidean norms") && page.contains("3, whitened, "))
      let evaluated = try Tool.run(["evaluate", "m.layertap", file], in: folder)
      let share = try Tool.run(train + ["--pca", "0.9"], in: folder)
      #expect(evaluated.status == 0 && share.output.contains("\ncomponents   "), "\(evaluated.errors)")
      let wrong = try Tool.run(train + ["--whiten"], in: folder)
      #expect(
        wrong.status == 64
          && wrong.errors.hasPrefix("Error: '--whiten': there is nothing to whiten without --pca"))
      #expect(try Tool.run(train + ["--pca", "1.5"], in: folder).status == 64)
      let compared = try Tool.run(["compare", file, "--pca", "2", "--c", "0.1"], in: folder)
      #expect(compared.status == 0, "\(compared.errors)")
    }
  }
}
