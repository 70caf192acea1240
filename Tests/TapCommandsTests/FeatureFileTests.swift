import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// `train`, `evaluate` and `predict` on files of features that NumPy, scikit-learn and a text editor made: see
/// Tests/Reference/formats/make_features.py.
@Suite struct FeatureFileTests {
  static let features = Repository.path("Tests/Reference/formats/features")
  static let train = ["--c", "0.1", "--output", "m.layertap"]

  /// Trains and returns the contents of the model.
  func model(_ arguments: [String], in folder: String) throws -> ModelContents {
    let outcome = try Tool.run(["train"] + arguments + Self.train, in: folder)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return try ModelContents(folder + "/m.layertap")
  }

  /// The same matrix and labels give the same model from any file format. Only the index base of SVMlight's columns
  /// differs.
  @Test func everyFormGivesTheSameModel() throws {
    try withTemporaryFolder { folder in
      let files = Self.features
      let expected = try model(["\(files)/float32.npy", "--labels", "\(files)/labels.csv"], in: folder)
      for arguments in [
        ["float64_fortran.npy", "--labels", "\(files)/labels.csv"], ["plain.npz"], ["floats.npz"],
        ["column.npz"],
        ["packed.npz"], ["packed.npz", "--array", "embeddings", "--label-name", "classes"],
        ["texts.npz", "--array", "first", "--label-name", "also"], ["zero.svm"], ["one.svm"], ["header.csv"],
        ["header.csv", "--label-name", "label"], ["plain.csv", "--label-name", "8"],
      ] {
        let found = try model(["\(files)/\(arguments[0])"] + arguments.dropFirst(), in: folder)
        #expect(found == expected, "\(arguments)")
      }
    }
  }

  @Test(arguments: ["bytes.npz", "texts.npz"])
  func textsAreClassNames(name: String) throws {
    try withTemporaryFolder { folder in
      let choice = name == "texts.npz" ? ["--array", "first", "--label-name", "who"] : []
      _ = try model(["\(Self.features)/\(name)"] + choice, in: folder)
      let predicted = try Tool.run(
        ["predict", "m.layertap", "\(Self.features)/float32.npy", "--format", "csv"], in: folder)
      let classes = try CSV.parse(predicted.output).dropFirst().map { $0[2] }
      #expect(classes.count == 60 && Set(classes) == ["ant", "bée", "cat"])
    }
  }

  @Test func rowsArePredictedAndEvaluatedByName() throws {
    try withTemporaryFolder { folder in
      _ = try model(["\(Self.features)/header.csv"], in: folder)
      let text = try Tool.run(["predict", "m.layertap", "\(Self.features)/header.csv"], in: folder)
      let lines = text.output.split(separator: "\n")
      #expect(lines.count == 60 && lines[0].hasPrefix("item 0: ") && lines[59].hasPrefix("item 59: "))
      let table = try CSV.parse(
        String(contentsOfFile: "\(Self.features)/header.csv", encoding: .utf8))
      let renamed = table.enumerated().map { line, row in
        (row.map { line == 0 && $0 == "label" ? "kind" : $0 } + [line == 0 ? "cost" : "1"])
          .joined(separator: ",")
      }
      try BadInputTests.write(renamed.joined(separator: "\n") + "\n", to: folder + "/renamed.csv")
      let names = ["--label-name", "kind", "--weight-name", "cost"]
      #expect(
        try Tool.run(["predict", "m.layertap", "renamed.csv"] + names, in: folder).output == text.output)
      let unnamed = try Tool.run(["predict", "m.layertap", "renamed.csv"], in: folder)
      #expect(
        unnamed.status == 65 && unnamed.errors.contains("feature vectors of length 9"), "\(unnamed.errors)")
      let image = try Tool.run(["predict", "m.layertap", "a.png"] + names, in: folder)
      #expect(
        image.status == 64 && image.errors.contains("'--label-name' is for a file of features"),
        "\(image.errors)")
      let json = try JSONValue.parse(
        Tool.run(
          ["predict", "m.layertap", "\(Self.features)/one.svm", "--format", "json", "--top", "3"], in: folder
        ).output)
      #expect(json.arrayValue?.count == 60 && json.arrayValue?[5]["path"] == .string("row 5"))
      #expect(json.arrayValue?[5]["predictions"]?.arrayValue?.count == 3)
      let evaluated = try ["header.csv", "plain.npz", "one.svm"].map { name in
        try Tool.run(["evaluate", "m.layertap", "\(Self.features)/\(name)"], in: folder).output
      }
      #expect(evaluated[0].contains(", 95 %, 60 images;") && Set(evaluated).count == 1)
    }
  }

  /// The model knows the number of features, so a sparse row need not contain the last feature.
  @Test func sparseRowsAreAsLongAsTheModel() throws {
    try withTemporaryFolder { folder in
      _ = try model(["\(Self.features)/one.svm"], in: folder)
      try BadInputTests.write("0 1:1 3:2\n1 7:-1\n", to: folder + "/few.svm")
      let few = try Tool.run(["predict", "m.layertap", "few.svm"], in: folder)
      #expect(few.status == 0 && few.output.split(separator: "\n").count == 2, "\(few.errors)")
      try BadInputTests.write("0 1:1\n1 8:-1\n", to: folder + "/more.svm")
      let more = try Tool.run(["predict", "m.layertap", "more.svm"], in: folder)
      #expect(
        more.errors == "Error: more.svm: line 2: index 8 is beyond the 7 features that the model knows\n")
    }
  }

  /// Margins become probabilities, in every output that shows the certainty of the model.
  @Test func calibratedMarginsAreProbabilities() throws {
    try withTemporaryFolder { folder in
      let file = "\(Self.features)/plain.npz"
      let train = ["train", file, "--classifier", "svm", "--c", "0.01", "--output", "m.layertap"]
      _ = try Tool.run(train, in: folder)
      let margins = try FileSystem.read(folder + "/m.layertap")
      let trained = try Tool.run(train + ["--calibrate", "auto"], in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(
        trained.output.contains("\ncalibration  Platt's sigmoids, fitted on margins of images held out\n"))
      #expect(try FileSystem.read(folder + "/m.layertap") != margins)
      let json = try JSONValue.parse(
        Tool.run(["predict", "m.layertap", file, "--format", "json", "--top", "3"], in: folder).output)
      for row in json.arrayValue ?? [] {
        let values = row["predictions"]?.arrayValue?.compactMap { $0["probability"]?.doubleValue } ?? []
        #expect(values.count == 3 && abs(values.reduce(0, +) - 1) < 1e-12 && values == values.sorted(by: >))
      }
      let evaluated = try Tool.run(["evaluate", "m.layertap", file], in: folder).output
      for part in ["\nlog loss ", "\nBrier score ", "\ncalibration error "] {
        #expect(evaluated.contains(part))
      }
      let logistic = try Tool.run(
        ["train", file, "--c", "10", "--calibrate", "temperature", "--output", "l.layertap"], in: folder)
      #expect(
        logistic.output.contains("\ncalibration  temperature ")
          && logistic.output.contains("less sure than before"))
      let wrong = try Tool.run(["train", file, "--calibrate", "platt"], in: folder)
      #expect(
        wrong.status == 64
          && wrong.errors.hasPrefix(
            "Error: '--calibrate': platt is for --classifier svm or --multi-class one-vs-rest: "
              + "give auto or temperature\n")
      )
    }
  }

  /// A model read from its file describes itself as one class against the rest, not as a softmax.
  @Test func oneVersusRestGivesNormalizedSigmoids() throws {
    try withTemporaryFolder { folder in
      let file = "\(Self.features)/plain.npz"
      let train = ["train", file, "--multi-class", "one-vs-rest", "--c", "0.1", "--output", "m.layertap"]
      let trained = try Tool.run(train, in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let json = try JSONValue.parse(
        Tool.run(["predict", "m.layertap", file, "--format", "json", "--top", "3"], in: folder).output)
      let multinomial = try Tool.run(
        ["train", file, "--c", "0.1", "--output", "s.layertap"], in: folder)
      #expect(multinomial.status == 0)
      #expect(try FileSystem.read(folder + "/m.layertap") != FileSystem.read(folder + "/s.layertap"))
      for row in json.arrayValue ?? [] {
        let values = row["predictions"]?.arrayValue?.compactMap { $0["probability"]?.doubleValue } ?? []
        #expect(values.count == 3 && abs(values.reduce(0, +) - 1) < 1e-12 && values == values.sorted(by: >))
      }
      let calibrated = try Tool.run(train + ["--calibrate", "platt"], in: folder)
      #expect(calibrated.output.contains("\ncalibration  Platt's sigmoids"), "\(calibrated.errors)")
      let wrong = try Tool.run(train + ["--classifier", "svm"], in: folder)
      #expect(
        wrong.status == 64
          && wrong.errors.hasPrefix("Error: '--multi-class': it is for --classifier logistic"))
    }
  }

  @Test func choicesAreSaid() throws {
    try withTemporaryFolder { folder in
      let outcome = try Tool.run(
        [
          "train", "\(Self.features)/plain.npz", "--select", "one-se", "--repeats", "2", "--folds", "4",
          "--nested", "--report", "m.html",
          "--output", "m.layertap",
        ], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains(", the smallest within a standard error of the best, of "))
      #expect(outcome.output.contains("60 training images in 4 folds, mean of 2 repeats; majority class"))
      let nested = try #require(
        outcome.output.split(separator: "\n").first { $0.hasPrefix("nested       accuracy ") })
      #expect(nested.contains(", 95 %, 60 training images in 4 outer folds; C "))
      // The model's file and the page contain the nested estimate.
      let bytes = try FileSystem.read(folder + "/m.layertap")
      #expect(try Safetensors(bytes.span).metadata["training"]?.contains("\"nested\":{\"correct\":") == true)
      let page = String(decoding: try FileSystem.read(folder + "/m.html"), as: UTF8.self)
      #expect(page.contains("nested cross-validation") && page.contains(nested.dropFirst(13)))
    }
  }

  // MARK: - Files that cannot be trained on, each with its whole message

  @Test(arguments: [
    (
      ["short.npz"],
      "short.npz: the labels 'y' have shape [10], and 'X' has 60 rows: expected one label a row"
    ),
    (
      ["fractions.npz"],
      "fractions.npz: array 'y': the label of row 0 is 2.5; expected integers or text: a classifier needs classes"
    ),
    (
      ["pickled.npz"],
      "pickled.npz: array 'y': the labels are pickled Python objects (|O), which are not read: save them as text, y.astype(str)"
    ),
    (
      ["flat.npz"],
      "flat.npz: it has no array with two axes [rows, dimensions]; its arrays are a [60], b [60]"
    ),
    (
      ["texts.npz"],
      "texts.npz: which array holds the features? Name it with --array; its arrays are first [60, 7], second [60, 2], who [60], also [60]"
    ),
    (
      ["texts.npz", "--array", "first"],
      "texts.npz has several arrays that may be labels (its arrays are first [60, 7], second [60, 2], who [60], also [60]): name one with --label-name, or give --labels F.csv"
    ),
    (
      ["plain.npz", "--array", "Z"],
      "plain.npz: it has no array 'Z' (--array); its arrays are X [60, 7], y [60]"
    ),
    (
      ["plain.npz", "--label-name", "z"],
      "plain.npz: it has no array 'z' (--label-name); its arrays are X [60, 7], y [60]"
    ),
    (
      ["plain.npz", "--labels", "FILES/../make_features.py"],
      "FILES/../make_features.py: line 10: a quote within an unquoted field; put the field in quotes and double the quotes within"
    ),
    (
      ["float32.npy"],
      "a matrix needs labels: name their file with --labels F.csv (there is no FILES/float32.csv)"
    ),
    (["float32.npy", "--array", "X"], "float32.npy: --array names an array of an .npz file"),
    (
      ["plain.csv"],
      "plain.csv has no column 'label' (no line names its columns): name it with --label-name, or give --labels F.csv"
    ),
    (
      ["plain.csv", "--label-name", "9"],
      "plain.csv: it has no column '9' (--label-name): no line names columns, so give a number from 1 to 8"
    ),
    (
      ["header.csv", "--label-name", "class"],
      "header.csv: it has no column 'class' (--label-name); its columns are id, label, f0, f1, f2, f3, f4, f5 and 1 more"
    ),
    (
      ["int16.npy", "--labels", "FILES/labels.csv"],
      "FILES/labels.csv describes 60 rows, the matrix has 4: expected one line a row, in order"
    ),
  ])
  func whatIsWrongIsSaid(arguments: [String], message: String) throws {
    let files = Self.features
    let path = "\(files)/\(arguments[0])"
    let outcome = try withTemporaryFolder { folder in
      try Tool.run(
        ["train", path] + arguments.dropFirst().map { $0.replacing("FILES", with: files) } + Self.train,
        in: folder)
    }
    let named =
      message.hasPrefix(arguments[0]) ? "\(files)/\(message)" : message.replacing("FILES", with: files)
    #expect(outcome.errors == "Error: \(named)\n")
    #expect(
      outcome.status == (message.hasPrefix("a matrix needs labels") ? 66 : 65) && outcome.output.isEmpty)
  }

  @Test(arguments: [
    ("x.svm", "1 1:2\n2 1:nope\n", "x.svm: line 2: the value of '1:nope' is not a number"),
    ("x.svm", "1 1:2\n2 2:1 1:1\n", "x.svm: line 2: index 1 comes after 2; indices must ascend"),
    ("x.svm", "1 1:2\n2 a\n", "x.svm: line 2: 'a' is not index:value"),
    ("x.svm", "1 1:2\n1:2\n", "x.svm: line 2: expected a label before the features"),
    ("x.svm", "1,2 1:2\n", "x.svm: line 1: '1,2' are several labels; a row has one"),
    (
      "x.svm", "0.5 1:2\n",
      "x.svm: line 1: the label is 0.5; expected a whole number or a name: a classifier needs classes"
    ),
    ("x.svm", "# nothing\n\n", "x.svm: it holds no rows"),
    ("x.svm", "1\n2\n", "x.svm: its rows hold no features"),
    (
      "x.svm", "1 3000000000:1\n2 1:1\n",
      "x.svm: 2 rows of 3000000000 columns are held densely, and that is more than 2147483648 values: keep fewer columns (hash or select them), or use a trainer for sparse data"
    ),
    (
      "x.svm", "1 0:2\n2 0:nan\n1 0:1\n2 0:0\n",
      "the feature in row 1, column 0 is NaN; every feature must be finite: find what produced it, or leave the row out"
    ),
    ("x.csv", "label,a,b\np,1,2\nq,3\n", "x.csv: line 3: expected 3 fields, found 2"),
    ("x.csv", "label,a,b\np,1,2\nq,3,\n", "x.csv: line 3, column 'b': the field is empty; expected a number"),
    ("x.csv", "label,a,b\np,1,2\nq,3,high\n", "x.csv: line 3, column 'b': 'high' is not a number"),
    ("x.csv", "label,a,a\np,1,2\n", "x.csv: two columns are named 'a'"),
    (
      "x.csv", "label,a,split\np,1,holdout\n",
      "x.csv: line 2: the split is holdout; expected train, val or test"
    ),
    (
      "x.csv", "label,a,b\np,1,2\nq,3,inf\np,0,1\nq,0,0\n",
      "the feature in row 1, column 1 is inf; every feature must be finite: find what produced it, or leave the row out"
    ),
    ("x.npz", "PK", "x.npz: this is not a zip archive, or its end is cut off"),
  ])
  func whatIsWrittenWrongIsSaid(name: String, text: String, message: String) throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(text, to: "\(folder)/\(name)")
      let outcome = try Tool.run(["train", name] + Self.train, in: folder)
      #expect(outcome.errors == "Error: \(message)\n")
      #expect(outcome.status == 65 && outcome.output.isEmpty)
    }
  }

  /// A header that declares more than the file contains takes no memory, however much it declares.
  @Test func hugeClaimsAreRefused() throws {
    try withTemporaryFolder { folder in
      let whole = try FileSystem.read(Self.features + "/float32.npy")
      let header = NPYHeader(elementType: .float32, shape: [1 << 30, 1 << 20]).encoded()
      try AtomicWriter.replace(folder + "/huge.npy", with: header + whole.suffix(60 * 28))
      let huge = try Tool.run(["train", "huge.npy", "--labels", "l.csv"] + Self.train, in: folder)
      #expect(
        huge.errors == "Error: huge.npy: the .npy data is cut off: the shape [1073741824, 1048576] needs "
          + "4503599627370496 bytes, the file has 1680\n")
      try AtomicWriter.replace(folder + "/cut.npy", with: Array(whole.dropLast()))
      let cut = try Tool.run(["train", "cut.npy", "--labels", "l.csv"] + Self.train, in: folder)
      #expect(
        cut.errors
          == "Error: cut.npy: the .npy data is cut off: the shape [60, 7] needs 1680 bytes, the file has 1679\n"
      )
    }
  }

  @Test func optionsOfOneInputAreRefusedForAnother() throws {
    try withTemporaryFolder { folder in
      let images = try Tool.run(["train", ".", "--array", "X"], in: folder)
      #expect(images.errors.hasPrefix("Error: '--array' is for files of features, and . is none\n"))
      _ = try model(["\(Self.features)/one.svm"], in: folder)
      let two = try Tool.run(["predict", "m.layertap", "\(Self.features)/one.svm", "photos"], in: folder)
      #expect(two.errors.hasPrefix("Error: \(Self.features)/one.svm holds features: classify it by itself\n"))
      let other = try Tool.run(["predict", "m.layertap", "\(Self.features)/int16.npy"], in: folder)
      #expect(
        other.errors == "Error: feature vectors of length 3, but the classifier was trained on length 7\n",
        "\(other)"
      )
    }
  }
}
