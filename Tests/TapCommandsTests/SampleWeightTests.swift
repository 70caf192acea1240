import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// The column `weight` of tables of labels, of CSV features and of manifests, against scikit-learn's `sample_weight`: see
/// Tests/Reference/linear/generate_weights.py.
@Suite struct SampleWeightTests {
  static let features = Repository.path("Tests/Reference/formats/features")

  /// `header.csv`'s columns with a weight for each row.
  func weighted(_ weights: [String]) throws -> String {
    let rows = try CSV.parse(FileSystem.read(Self.features + "/header.csv"))
    return CSV.line(rows[0] + ["weight"])
      + rows.dropFirst().enumerated().map { CSV.line($1 + [weights[$0 % weights.count]]) }.joined()
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
          trained.output.contains("\ndata         60 training images, weighted 0 to 2.5\n"),
          "\(trained.output)")
        // Every image counts once in the estimate.
        let correct = try #require(fit["correct"]?.intValue)
        let share = (1000 * Double(correct) / 60).rounded() / 10
        #expect(
          trained.output.contains("cross-validated accuracy \(share) % ("), "\(share): \(trained.output)")
        let model = try FileSystem.read(folder + "/m.layertap")
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
        // The same in a table beside a matrix.
        _ = try Tool.run(
          ["train", "\(Self.features)/float32.npy", "--labels", "labels.csv"] + settings, in: folder)
        #expect(try FileSystem.read(folder + "/m.layertap") == model)
        // Weights of 1 are no weights.
        try BadInputTests.write(try weighted(["1", "1.0", ""]), to: folder + "/ones.csv")
        _ = try Tool.run(["train", "ones.csv"] + settings, in: folder)
        let ones = try FileSystem.read(folder + "/m.layertap")
        _ = try Tool.run(["train", "\(Self.features)/header.csv"] + settings, in: folder)
        #expect(try FileSystem.read(folder + "/m.layertap") == ones && ones != model)
      }
    }
  }

  /// Weights say nothing about how good a model is.
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
      for (arguments, file) in [
        (["X.csv"], "X.csv"), (["\(Self.features)/float32.npy", "--labels", "L.csv"], "L.csv"),
        (["M.csv"], "M.csv"),
      ] {
        let outcome = try Tool.run(["train"] + arguments + ["--output", "m.layertap"], in: folder)
        #expect(
          outcome.errors.hasPrefix("Error: \(file)") && outcome.errors.contains(problem), "\(outcome.errors)")
        #expect(outcome.status == 1 && !FileSystem.exists(folder + "/m.layertap"))
      }
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
      #expect(outcome.status == 1)
    }
  }
}
