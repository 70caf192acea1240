import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// The output of `train` about penalties and about one class against the rest, and the combinations of options that it
/// refuses.
@Suite struct LinearModelOptionsTests {
  /// `train` counts the weights that are 0, asks for a penalty if classes are separable, and refuses invalid values.
  @Test func penaltiesSayWhatTheyDo() throws {
    try withTemporaryFolder { folder in
      let train = ["train", "\(FeatureFileTests.features)/plain.npz", "--output", "m.layertap"]
      let sparse = try Tool.run(train + ["--penalty", "l1", "--c", "0.02", "--report", "m.html"], in: folder)
      #expect(sparse.status == 0, "\(sparse.errors)")
      #expect(
        sparse.output.contains("\npenalty      L1: ")
          && sparse.output.contains(" of 21 weights are exactly 0\nC            0.02, as given\n"),
        "\(sparse.output)")
      let page = String(decoding: try FileSystem.read(folder + "/m.html"), as: UTF8.self)
      #expect(page.contains("solver proximal-newton") && page.contains(">L1<"))
      #expect(
        try Tool.run(["predict", "m.layertap", "\(FeatureFileTests.features)/plain.npz"], in: folder).status
          == 0)
      let net = try Tool.run(
        train + ["--penalty", "elastic-net", "--l1-ratio", "0.9", "--classifier", "svm"], in: folder)
      #expect(net.output.contains("\npenalty      elastic net, ratio 0.9: "), "\(net.errors)")
      let free = try Tool.run(train + ["--penalty", "none", "--solver", "lbfgs"], in: folder)
      #expect(
        free.output.contains("\npenalty      none\n") && free.output.contains(" steps of L-BFGS; without a"))
      try BadInputTests.write(
        "a,b,label\n" + (0..<8).map { "\($0 % 3),\($0),\($0 < 4 ? "low" : "high")\n" }.joined(),
        to: folder + "/apart.csv")
      let apart = try Tool.run(
        ["train", "apart.csv", "--penalty", "none", "--folds", "2", "--output", "m.layertap"], in: folder)
      #expect(apart.errors.contains("can be told apart without a mistake"), "\(apart.errors)")
      let refused: [([String], String)] = [
        (["--l1-ratio", "0.5"], "'--l1-ratio': it is for --penalty elastic-net"),
        (["--penalty", "none", "--c", "1"], "'--c': without a penalty C has no meaning"),
        (["--penalty", "none", "--classifier", "svm"], "'--penalty': an SVM needs a penalty"),
        (["--penalty", "l1", "--classifier", "svm", "--loss", "hinge"], "'--penalty': l1 is for"),
        (["--penalty", "l1", "--classifier", "svm", "--loss", "crammer-singer"], "'--penalty': l1 is for"),
        (["--loss", "crammer-singer"], "'--loss'"),
        (["--penalty", "l1", "--solver", "lbfgs"], "'--solver': lbfgs needs a smooth objective"),
        (["--solver", "newton", "--classifier", "svm"], "'--solver': it is for --classifier logistic"),
        (["--penalty", "l1", "--classifier", "nearest-mean"], "'--penalty': a nearest mean has no penalty"),
      ]
      for (options, text) in refused {
        let wrong = try Tool.run(train + options, in: folder)
        #expect(wrong.status == 64 && wrong.errors.hasPrefix("Error: \(text)"), "\(wrong.errors)")
      }
    }
  }

  /// With Crammer and Singer's loss, C is searched and recorded. The model predicts, and a warm start can use it.
  @Test func crammerSingerFromSearchToPrediction() throws {
    try withTemporaryFolder { folder in
      let data = "\(FeatureFileTests.features)/plain.npz"
      let options = ["--classifier", "svm", "--loss", "crammer-singer"]
      let train = try Tool.run(["train", data, "--output", "m.layertap"] + options, in: folder)
      #expect(
        train.status == 0 && train.output.contains("the best of 19 values of C"),
        "\(train.output)\(train.errors)")
      let predicted = try Tool.run(["predict", "m.layertap", data], in: folder)
      #expect(predicted.status == 0, "\(predicted.errors)")
      let shown = try Tool.run(
        ["train", data, "--warm-start", "m.layertap", "--output", "n.layertap", "--report", "n.html"],
        in: folder)
      #expect(shown.status == 0, "\(shown.errors)")
      let page = String(decoding: try FileSystem.read(folder + "/n.html"), as: UTF8.self)
      #expect(page.contains("crammer-singer loss, solver augmented-lagrangian"))
      let compared = try Tool.run(
        ["compare", data, "--classifier", "logistic", "--classifier", "svm", "--loss", "crammer-singer"],
        in: folder)
      #expect(compared.status == 0 && compared.output.contains("svm"), "\(compared.output)\(compared.errors)")
    }
  }
}
