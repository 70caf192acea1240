import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// Compares weights of images with scikit-learn's `sample_weight`: see Tests/Reference/linear/generate_weights.py.
/// Weights come from the column `weight` of tables of labels, CSV features and manifests, from an array of an .npz, and
/// from `cost:` in sparse text.
@Suite struct SampleWeightTests {
  static let features = Repository.path("Tests/Reference/formats/features")

  /// The text of `header.csv` with a weight for each row.
  func weighted(_ weights: [String]) throws -> String {
    let rows = try CSV.parse(FileSystem.read(Self.features + "/header.csv"))
    return CSV.line(rows[0] + ["weight"])
      + rows.dropFirst().enumerated().map { CSV.line($1 + [weights[$0 % weights.count]]) }.joined()
  }

  /// The text of `one.svm` with a weight for each row.
  func costed(_ weights: [String]) throws -> String {
    let text = String(decoding: try FileSystem.read(Self.features + "/one.svm"), as: UTF8.self)
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    return lines.enumerated().map { row, line in
      let weight = weights[row % weights.count]
      let words = line.split(separator: " ", maxSplits: 1)
      return words[0] + (weight.isEmpty ? "" : " cost:\(weight)") + " " + words[1] + "\n"
    }.joined()
  }

  func floats(_ name: String, of path: String) throws -> [Float] {
    let bytes = try FileSystem.read(path)
    return try Safetensors(bytes.span).floats(name, in: bytes.span).elements
  }

  @Test func fitsAreScikitLearns() throws {
    let reference = try JSONValue.parse(
      FileSystem.read(Repository.path("Tests/Reference/linear/weights.json")))
    let fits = try #require(reference["fits"]?.arrayValue)
    #expect(fits.count == 4)
    try withTemporaryFolder { folder in
      let weights = ["0", "0.5", "", "2.5"]
      try BadInputTests.write(try weighted(weights), to: folder + "/X.csv")
      let labels = try CSV.parse(FileSystem.read(Self.features + "/labels.csv"))
      try BadInputTests.write(
        "label,weight\n" + labels.dropFirst().enumerated().map { "\($1[0]),\(weights[$0 % 4])\n" }.joined(),
        to: folder + "/labels.csv")
      for fit in fits {
        let c = try #require(fit["c"]?.doubleValue)
        let settings = [
          "--c", "\(c)", "--class-weight", fit["classWeight"]?.stringValue ?? "", "--output", "m.layertap",
        ]
        let trained = try Tool.run(["train", "X.csv"] + settings, in: folder)
        #expect(trained.status == 0, "\(trained.errors)")
        #expect(
          trained.output.contains("\ndata         45 training images, weighted 0.5 to 2.5\n"),
          "\(trained.output)")
        #expect(
          (trained.output + trained.errors).contains(
            "15 images have weight 0 and are left out, as if they were not there."), "\(trained.output)")
        // In the estimate, each of the 45 images whose weight is not 0 counts once.
        let correct = try #require(fit["correct"]?.intValue)
        let share = (1000 * Double(correct) / 45).rounded() / 10
        #expect(
          trained.output.contains("cross-validated accuracy \(share) % ("), "\(share): \(trained.output)")
        let model = try ModelContents(folder + "/m.layertap")
        for (name, expected) in [
          ("weights", fit["coefficients"]?.arrayValue?.flatMap { $0.arrayValue ?? [] } ?? []),
          ("bias", fit["intercepts"]?.arrayValue ?? []),
        ] {
          let expected = expected.compactMap(\.doubleValue)
          let found = try floats(name, of: folder + "/m.layertap")
          let scale = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
          #expect(found.count == expected.count && scale > 0)
          for (a, b) in zip(found, expected) {
            #expect(abs(Double(a) - b) <= 1e-4 * scale, "\(name), C \(c)")
          }
        }
        // The same weights in a table beside a matrix give the same model.
        _ = try Tool.run(
          ["train", "\(Self.features)/float32.npy", "--labels", "labels.csv"] + settings, in: folder)
        #expect(try ModelContents(folder + "/m.layertap") == model)
        // So do the same weights in arrays, in a column of another name, and in sparse text.
        try BadInputTests.write(
          try weighted(weights).replacing("weight", with: "importance"), to: folder + "/named.csv")
        try BadInputTests.write(try costed(weights), to: folder + "/X.svm")
        for arguments in [
          ["\(Self.features)/weighted.npz"],
          ["\(Self.features)/weighted.npz", "--weight-name", "sample_weight", "--label-name", "y"],
          ["\(Self.features)/weighted_packed.npz", "--weight-name", "importance", "--label-name", "y"],
          ["\(Self.features)/weights_only.npz", "--labels", "\(Self.features)/labels.csv"],
          ["\(Self.features)/plain.npz", "--labels", "labels.csv"],
          ["named.csv", "--weight-name", "importance"], ["X.svm"],
        ] {
          let outcome = try Tool.run(["train"] + arguments + settings, in: folder)
          #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
          #expect(try ModelContents(folder + "/m.layertap") == model, "\(arguments)")
        }
        // Weights of 1 change nothing.
        try BadInputTests.write(try weighted(["1", "1.0", ""]), to: folder + "/ones.csv")
        _ = try Tool.run(["train", "ones.csv"] + settings, in: folder)
        let ones = try ModelContents(folder + "/m.layertap")
        _ = try Tool.run(["train", "\(Self.features)/header.csv"] + settings, in: folder)
        #expect(try ModelContents(folder + "/m.layertap") == ones && ones != model)
      }
    }
  }

  /// Weights do not change the metrics of a model.
  @Test func metricsCountEveryRowOnce() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(try weighted(["0", "7", "1"]), to: folder + "/X.csv")
      let plain = "\(Self.features)/header.csv"
      _ = try Tool.run(["train", plain, "--c", "1", "--output", "m.layertap"], in: folder)
      let outcomes = try [plain, "X.csv"].map {
        try Tool.run(["evaluate", "m.layertap", $0], in: folder).output
      }
      #expect(outcomes[0] == outcomes[1] && outcomes[0].hasPrefix("accuracy "))
    }
  }

  @Test(arguments: ["-1", "nan", "inf", "1e999", "much", "0x1"])
  func aWeightIsAFiniteNumberOfAtLeastZero(value: String) throws {
    try withTemporaryFolder { folder in
      let problem = "line 3: the weight is '\(value)'; expected a finite number of at least 0"
      try BadInputTests.write("label,x,weight\na,1,1\nb,2,\(value)\n", to: folder + "/X.csv")
      try BadInputTests.write("label,weight\na,1\nb,\(value)\n", to: folder + "/L.csv")
      try BadInputTests.write("path,label,weight\n1.png,a,1\n2.png,b,\(value)\n", to: folder + "/M.csv")
      for name in ["1.png", "2.png"] { try BadInputTests.write("", to: folder + "/" + name) }
      try BadInputTests.write("a 1:1\n# more\nb cost:\(value) 1:2\n", to: folder + "/X.svm")
      let sparse = try Tool.run(["train", "X.svm"], in: folder)
      #expect(
        sparse.errors
          == "Error: X.svm: line 3: the weight in 'cost:\(value)' is not a finite number of at least 0\n")
      for (arguments, file) in [
        (["X.csv"], "X.csv"), (["\(Self.features)/float32.npy", "--labels", "L.csv"], "L.csv"),
        (["M.csv"], "M.csv"),
      ] {
        let outcome = try Tool.run(["train"] + arguments + ["--output", "m.layertap"], in: folder)
        #expect(
          outcome.errors.hasPrefix("Error: \(file)") && outcome.errors.contains(problem), "\(outcome.errors)")
        #expect(outcome.status == 65 && !FileSystem.exists(folder + "/m.layertap"))
      }
    }
  }

  @Test(arguments: [
    ("short", "the weights 'short' have shape [10], and 'X' has 60 rows: expected one weight a row"),
    ("rows", "the weights 'rows' have shape [60, 7], and 'X' has 60 rows: expected one weight a row"),
    ("negative", "array 'negative': the weight of row 0 is -0.5; expected a finite number of at least 0"),
    ("nan", "array 'nan': the weight of row 0 is NaN; expected a finite number of at least 0"),
    (
      "text",
      "array 'text': the .npy element type is <U3; expected one of "
        + NPYHeader.typeCodes.map(\.key).joined(separator: ", ")
    ),
    (
      "none",
      "it has no array 'none' (--weight-name); its arrays are X [60, 7], y [60], short [10], negative [60], nan [60], text [60], rows [60, 7]"
    ),
    ("y", "--label-name and --weight-name both name 'y'"),
  ])
  func arraysThatAreNoWeightsAreRefused(name: String, problem: String) throws {
    try withTemporaryFolder { folder in
      let file = "\(Self.features)/weights_wrong.npz"
      let outcome = try Tool.run(
        ["train", file, "--array", "X", "--weight-name", name, "--output", "m.layertap"]
          + (name == "none" ? [] : ["--label-name", "y"]), in: folder)
      #expect(outcome.errors == "Error: \(file): \(problem)\n")
      #expect(outcome.status == 65 && !FileSystem.exists(folder + "/m.layertap"))
    }
  }

  @Test func namesOfWeightsAreForFilesThatHoldThem() throws {
    try withTemporaryFolder { folder in
      for (file, problem) in [
        ("float32.npy", "--weight-name names an array of an .npz file or a column of a CSV"),
        ("one.svm", "--weight-name names an array of an .npz file or a column of a CSV"),
        (
          "header.csv",
          "it has no column 'w' (--weight-name); its columns are id, label, f0, f1, f2, f3, f4, f5 and 1 more"
        ),
      ] {
        let path = "\(Self.features)/\(file)"
        let outcome = try Tool.run(["train", path, "--weight-name", "w"], in: folder)
        #expect(outcome.errors == "Error: \(path): \(problem)\n")
        #expect(outcome.status == 65)
      }
      let images = try Tool.run(["train", ".", "--weight-name", "w"], in: folder)
      #expect(images.errors.hasPrefix("Error: '--weight-name' is for files of features, and . is none\n"))
    }
  }

  /// A value in the table of labels has precedence. Values that the table lacks come from the file of features.
  @Test func theFileSaysWhatTheTableDoesNot() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(
        "label,x,split,weight\n"
          + (0..<40).map { "\($0 % 2),\($0 % 3),\($0 < 30 ? "train" : "test"),\($0 % 4)\n" }.joined(),
        to: folder + "/X.csv")
      try BadInputTests.write(
        "label\n" + (0..<40).map { "\($0 / 3 % 2)\n" }.joined(), to: folder + "/L.csv")
      let outcome = try Tool.run(
        ["train", "X.csv", "--labels", "L.csv", "--c", "1", "--output", "m.layertap"], in: folder)
      #expect(
        outcome.output.contains("\ndata         22 training images, 10 test images, weighted 1 to 3\n"),
        "\(outcome.output)\(outcome.errors)")
    }
  }

  @Test func aClassWithoutWeightIsNamed() throws {
    try withTemporaryFolder { folder in
      var text = "label,x,weight\n"
      for row in 0..<20 { text += "\(row % 2 == 0 ? "light" : "heavy"),\(row),\(row % 2)\n" }
      try BadInputTests.write(text, to: folder + "/X.csv")
      let outcome = try Tool.run(["train", "X.csv"], in: folder)
      #expect(
        outcome.errors
          == "Error: class 'light' has no training image with a weight above 0, or none in the folds that train: raise "
          + "weights, or leave the class out\n")
      #expect(outcome.status == 65)
    }
  }
}
