import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// Data that are useless, or look useless, give either an error, whose whole text is compared, or a model with
/// warnings. Documentation/FeatureFiles.md lists these data.
@Suite struct BadDataTests {
  /// Trains on a matrix and the labels of its rows.
  func train(
    _ rows: [(label: String, features: [Float])], options: [String] = ["--c", "1"],
    evaluating test: String? = nil
  ) throws -> (trained: Tool.Outcome, evaluated: Tool.Outcome?) {
    try withTemporaryFolder { folder in
      let columns = rows.first?.features.count ?? 0
      try Checkpoints.writeMatrix(rows.flatMap(\.features), columns: columns, to: folder + "/X.npy")
      try BadInputTests.write("label\n" + rows.map { $0.label + "\n" }.joined(), to: folder + "/X.csv")
      let trained = try Tool.run(["train", "X.npy", "--output", "m.layertap"] + options, in: folder)
      guard let test else { return (trained, nil) }
      try BadInputTests.write(test, to: folder + "/T.csv")
      return (trained, try Tool.run(["evaluate", "m.layertap", "T.csv", "--bootstrap", "0"], in: folder))
    }
  }

  func expect(
    _ outcome: Tool.Outcome, error: String, status: Int32 = 65,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.errors == "Error: \(error)\n", sourceLocation: sourceLocation)
    #expect(outcome.status == status && outcome.output.isEmpty, sourceLocation: sourceLocation)
  }

  /// 24 rows of two classes. The first of three columns separates the classes, except for two rows.
  static let good: [(label: String, features: [Float])] = (0..<24).map { index in
    let isFirst = index % 2 == 0
    let side: Float = (index < 2) != isFirst ? 1 : -1
    return (isFirst ? "a" : "b", [side * Float(index + 1), Float((7 * index) % 11), Float((5 * index) % 7)])
  }

  @Test(arguments: [
    (Float.nan, "NaN"), (.infinity, "inf"), (-.infinity, "-inf"),
  ])
  func aFeatureThatIsNotFiniteIsNamed(value: Float, text: String) throws {
    var rows = Self.good
    rows[17].features[2] = value
    expect(
      try train(rows).trained,
      error:
        "the feature in row 17, column 2 is \(text); every feature must be finite: find what produced it, or "
        + "leave the row out")
  }

  @Test func evaluationNamesItToo() throws {
    let outcome = try train(Self.good, evaluating: "id,label,x,y,z\np,a,1,2,3\nq,b,1,nan,3\n")
    #expect(outcome.trained.status == 0)
    let evaluated = try #require(outcome.evaluated)
    expect(
      evaluated,
      error:
        "the feature of q in column 1 is NaN, so no class has a score; every feature must be finite: find what "
        + "produced it, or leave the row out")
  }

  /// At a row with a feature that is not finite, `predict` names the row and fails. Earlier rows are classified.
  @Test(arguments: ["logistic", "svm", "nearest-mean"])
  func predictionStopsAtIt(classifier: String) throws {
    try withTemporaryFolder { folder in
      try Checkpoints.writeMatrix(Self.good.flatMap(\.features), columns: 3, to: folder + "/X.npy")
      try BadInputTests.write(
        "label\n" + Self.good.map { $0.label + "\n" }.joined(), to: folder + "/X.csv")
      let trained = try Tool.run(
        ["train", "X.npy", "--classifier", classifier, "--output", "m.layertap"], in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      for (value, text) in [("nan", "NaN"), ("-inf", "-inf")] {
        try BadInputTests.write(
          "id,x,y,z\nfirst,1,2,3\nsecond,1,\(value),3\nthird,1,2,3\n", to: folder + "/T.csv")
        let outcome = try Tool.run(["predict", "m.layertap", "T.csv"], in: folder)
        #expect(outcome.status == 65)
        #expect(
          outcome.errors
            == "Error: the feature of second in column 1 is \(text), so no class has a score; every feature must be "
            + "finite: find what produced it, or leave the row out\n", "\(outcome.errors)")
        #expect(outcome.output.contains("first") && !outcome.output.contains("second"))
      }
    }
  }

  /// Every estimator gives a constant column a weight of exactly 0, however large the constant is, with and without a
  /// folded scaler.
  @Test(arguments: [
    [], ["--multi-class", "one-vs-rest"], ["--penalty", "l1"], ["--penalty", "elastic-net"],
    ["--penalty", "none"], ["--solver", "lbfgs"], ["--classifier", "svm"],
    ["--classifier", "svm", "--penalty", "l1"], ["--classifier", "svm", "--loss", "hinge"],
    ["--classifier", "svm", "--loss", "crammer-singer"], ["--classifier", "nearest-mean"],
  ])
  func constantColumnsWeighNothing(options: [String]) throws {
    for constants in [[0, 3], [3, -1e30]] as [[Float]] {
      for standardize in ["std", "none", "max"] {
        try withTemporaryFolder { folder in
          let rows = Self.good.map { ($0.label, $0.features + constants) }
          try Checkpoints.writeMatrix(rows.flatMap(\.1), columns: 5, to: folder + "/X.npy")
          try BadInputTests.write("label\n" + rows.map { $0.0 + "\n" }.joined(), to: folder + "/X.csv")
          let arguments = ["train", "X.npy", "--output", "m.layertap", "--standardize", standardize]
          let outcome = try Tool.run(arguments + options, in: folder)
          #expect(outcome.status == 0, "\(outcome.errors)")
          let bytes = try FileSystem.read(folder + "/m.layertap")
          let weights = try Safetensors(bytes.span).floats("weights", in: bytes.span).elements
          #expect(weights.count == 10 && weights[..<3].contains { $0 != 0 })
          #expect([3, 4, 8, 9].allSatisfy { weights[$0] == 0 }, "\(weights), \(constants), \(standardize)")
        }
      }
    }
  }

  /// A constant column gets a weight of 0 and changes nothing.
  @Test(arguments: [[Float](), [0], [3, -1e30]])
  func constantColumnsChangeNothing(constants: [Float]) throws {
    let plain = try train(Self.good).trained
    let widened = try train(Self.good.map { ($0.label, $0.features + constants) }).trained
    #expect(widened.status == 0)
    func estimate(_ outcome: Tool.Outcome) -> Substring? {
      outcome.output.split(separator: "\n").first { $0.hasPrefix("estimate") }
    }
    #expect(estimate(widened) == estimate(plain) && estimate(plain) != nil)
  }

  /// With nothing to learn from, the prediction is the majority class.
  @Test func constantFeaturesGiveTheMajority() throws {
    let outcome = try train(
      (0..<24).map { ($0 < 10 ? "a" : "b", [1, 2]) },
      evaluating: "label,x,y\na,1,2\nb,1,2\nb,1,2\n")
    let text = try #require(outcome.evaluated).output
    #expect(text.hasPrefix("accuracy 66.7 % "))
  }

  @Test func oneClassIsRefused() throws {
    expect(
      try train(Self.good.map { ("a", $0.features) }).trained,
      error: "all training images are of one class, 'a': a classifier needs at least two classes")
  }

  @Test func aClassOfOneRowIsRefusedAndOneOfTwoIsNot() throws {
    var rows = Self.good
    rows.append(("rare", [0, 0, 0]))
    // A class of one row is an error only if C must be chosen. With a given C, a model without an estimate is fitted
    // (NoEstimateTests).
    expect(
      try train(rows, options: ["--c", "0.1,1"]).trained,
      error:
        "class 'rare' has 1 training image, at least 2 are needed to cross-validate: add images, leave the class out, "
        + "or set the images for validation apart (val/)")
    // The class has fewer rows than there are folds. It is missing from some held-out folds, but never from the
    // training rows of a fold.
    rows.append(("rare", [0.5, 0, 0]))
    let outcome = try train(rows, options: ["--c", "1", "--folds", "10"]).trained
    #expect(outcome.status == 0 && outcome.output.contains("26 training images in 10 folds"))
  }

  /// Fewer rows than columns are no problem: the penalty makes the minimum unique.
  @Test(arguments: ["logistic", "svm"])
  func fewerRowsThanColumnsConverge(classifier: String) throws {
    let rows = (0..<8).map { index in
      (index % 2 == 0 ? "a" : "b", (0..<40).map { Float((index * 31 + $0 * 17) % 13) })
    }
    let outcome = try train(rows, options: ["--classifier", classifier, "--c", "10"]).trained
    #expect(outcome.status == 0 && !outcome.errors.contains("stopped early"), "\(outcome.errors)")
  }

  /// On separable data the objective has a minimum if there is a penalty, however weak.
  @Test(arguments: ["logistic", "svm"])
  func separableDataConverge(classifier: String) throws {
    var rows: [(label: String, features: [Float])] = []
    for index in 0..<24 {
      rows.append(index % 2 == 0 ? ("a", [9, Float(index)]) : ("b", [-9, Float(index)]))
    }
    let outcome = try train(rows, options: ["--classifier", classifier, "--c", "1e6"]).trained
    #expect(outcome.status == 0 && !outcome.errors.contains("stopped early"), "\(outcome.errors)")
    #expect(outcome.output.contains("cross-validated accuracy 100.0 %"))
  }

  /// On the whole data, the objective without a penalty has a minimum. If a fold leaves out one of the two rows on the
  /// wrong side, the objective of this fold has no minimum.
  @Test func fitsThatStoppedEarlyAreTold() throws {
    let rows = (0..<12).map { index in
      ((index < 6) == (index != 5 && index != 6) ? "low" : "high", [Float(index)])
    }
    let outcome = try train(
      rows, options: ["--penalty", "none", "--folds", "6", "--calibrate", "temperature", "--nested"])
    #expect(outcome.trained.status == 0)
    for text in [
      "Among the fits for C 1 that the accuracy was estimated by, at least one stopped before its tolerance: the estimate "
        + "may be a little off.\n",
      "Among the fits that the calibration was made on, at least one stopped before its tolerance.\n",
      " of the 6 outer folds of the nested cross-validation a fit stopped before its tolerance.\n",
    ] {
      #expect(outcome.trained.errors.contains(text), "\(outcome.trained.errors)")
    }
    #expect(!outcome.trained.errors.contains("The fit stopped early"))
  }

  /// `compare` reports fits that stopped early in its text and its CSV. If the text goes to a file, a note reports
  /// them.
  @Test func compareTellsOfThemToo() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(
        "label,x\n" + (0..<8).map { "\($0 < 4 ? "low" : "high"),\($0)\n" }.joined(), to: folder + "/X.csv")
      let arguments = ["compare", "X.csv", "--folds", "2"]
      let early =
        "At least one fit behind an accuracy stopped before its tolerance, so that it may be a little "
      let text = try Tool.run(arguments + ["--penalty", "none"], in: folder)
      #expect(text.status == 0 && text.output.contains(early) && !text.errors.contains(early))
      #expect(text.output.contains("can be told apart without a mistake"), "\(text.output)")
      let csv = try Tool.run(arguments + ["--penalty", "none", "--format", "csv"], in: folder)
      let lines = csv.output.split(separator: "\n").map { $0.split(separator: ",") }
      #expect(lines[0].suffix(2) == ["converged", "best"] && lines[1].suffix(2) == ["0", "1"])
      #expect(csv.errors.contains(early), "\(csv.errors)")
      let fine = try Tool.run(arguments, in: folder)
      #expect(fine.status == 0 && !fine.output.contains(early) && !fine.errors.contains(early))
    }
  }

  @Test func copiesWithOtherLabelsAreTold() throws {
    let rows = Self.good + [("b", Self.good[4].features), ("a", Self.good[6].features)]
    let outcome = try train(rows).trained
    #expect(outcome.status == 0)
    #expect(
      outcome.errors.hasPrefix(
        "1 image occurs with different labels (row 4 is 'a', row 24 is 'b'): no classifier is right on both.\n"
          + "2 training images are copies of others: where copies lie in different folds the cross-validated accuracy is no "
          + "honest estimate; give them one group.\n"), "\(outcome.errors)")
  }

  @Test func aSingleCopyIsOne() throws {
    let outcome = try train(Self.good + [Self.good[3]]).trained
    #expect(outcome.status == 0)
    #expect(
      outcome.errors.hasPrefix(
        "1 training image is a copy of another: where copies lie in different folds "),
      "\(outcome.errors)")
  }

  /// `compare` refuses the same data as `train`, with the same text. An existing result stays as it is.
  @Test(arguments: [
    (
      "label,x\na,1\nb,nan\na,2\nb,3\n",
      "the feature in row 1, column 0 is NaN; every feature must be finite"
    ),
    ("label,x\na,1\na,2\n", "all training images are of one class, 'a'"),
    ("label,x\na,1\na,2\nb,3\n", "class 'b' has 1 training image, at least 2 are needed"),
    ("label,x\n,1\n,2\n", "X.csv has no label in any row: fill them in, or give --labels F.csv"),
    ("label,x\n", "X.csv: it holds no rows"),
    (
      "kind,x\na,1\nb,2\n",
      "X.csv: line 2, column 'kind': 'a' is not a number; if the column holds the labels, say "
        + "--label-name 'kind'"
    ),
    (
      "x,y\n1,2\n3,4\n",
      "X.csv has no column 'label' (its columns are x, y): name it with --label-name"
    ),
    ("label,x\na,1\nb\n", "X.csv: line 3: expected 2 fields, found 1"),
  ])
  func everyCommandRefuses(text: String, message: String) throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(text, to: folder + "/X.csv")
      try BadInputTests.write("before", to: folder + "/out")
      for command in ["train", "compare"] {
        let outcome = try Tool.run([command, "X.csv", "--output", "out"], in: folder)
        #expect(outcome.errors.hasPrefix("Error: " + message), "\(command): \(outcome.errors)")
        #expect(outcome.status == 65 && outcome.output.isEmpty)
        #expect(try FileSystem.read(folder + "/out") == Array("before".utf8))
      }
    }
  }

  @Test(arguments: ["0", "-1", "nan", "inf", "1e400", "much"])
  func cIsANumberAboveZero(value: String) throws {
    expect(
      try train(Self.good, options: ["--c", value]).trained,
      error: """
        The value '\(value)' is invalid for '--c <c>': expected auto, a number above 0, or a list of numbers above 0, none twice
        Usage: layertap train [<options>] <data>
          See 'layertap train --help' for more information.
        """, status: 64)
  }

  /// Labels that differ from row to row, such as identifiers, would need a weight vector for each label.
  @Test func aHundredThousandClassesAreRefused() throws {
    try withTemporaryFolder { folder in
      let count = 200_000
      try Checkpoints.writeMatrix([Float](repeating: 1, count: 2 * count), columns: 2, to: folder + "/X.npy")
      try BadInputTests.write(
        "label\n" + (0..<count).map { "\($0 / 2)\n" }.joined(), to: folder + "/X.csv")
      expect(
        try Tool.run(["train", "X.npy", "--output", "m.layertap"], in: folder),
        error:
          "there are 100,000 classes, and at most 10,000 are trained: is 'label' the right column? A number for each "
          + "row is no class")
    }
  }

  /// 10,000 classes on 2,000,000 rows do not fit in the memory of a test machine. The error comes before the
  /// allocation.
  @Test func whatMemoryCannotHoldIsRefused() throws {
    try withTemporaryFolder { folder in
      let count = 2_000_000
      try Checkpoints.writeMatrix([Float](repeating: 1, count: count), columns: 1, to: folder + "/X.npy")
      try BadInputTests.write(
        "label\n" + (0..<count).map { "\($0 % 10_000)\n" }.joined(), to: folder + "/X.csv")
      let outcome = try Tool.run(["train", "X.npy", "--threads", "1", "--output", "m.layertap"], in: folder)
      #expect(outcome.status == 65 && outcome.output.isEmpty)
      #expect(
        outcome.errors.hasPrefix(
          "Error: training 10,000 classes on 2,000,000 rows of 1 values would take about 800.7 GB of memory, and this "
            + "machine has "), "\(outcome.errors)")
    }
  }
}
