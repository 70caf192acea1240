import FoundationEssentials
import TapClassifier
import TapFileSystem
import TapFormats
import TapLinear
import TestSupport
import Testing

/// The built tool trains models on images and predicts with them, in several ways.
@Suite struct TrainedModelTests {
  static let classes = ["brick", "grass", "stars"]

  /// A folder with three classes in `photos/train` and `photos/test`, with six and four images a class.
  func withPhotos(_ body: (String) throws -> Void) throws {
    try Weights.lite0Path()
    try withTemporaryFolder { folder in
      for (split, count) in [("train", 6), ("test", 4)] {
        for name in Self.classes {
          let source = Repository.path("data/surfaces/\(split)/\(name)")
          for file in try FileSystem.list(source).prefix(count) {
            try BadInputTests.copy("\(source)/\(file)", to: "\(folder)/photos/\(split)/\(name)/\(file)")
          }
        }
      }
      try body(folder)
    }
  }

  func layertap(_ arguments: String..., in folder: String) throws -> Tool.Outcome {
    let outcome = try Tool.run(arguments, in: folder)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  /// The first line of an evaluation.
  func accuracyLine(_ outcome: Tool.Outcome) -> Substring? {
    outcome.output.split(separator: "\n").first { $0.hasPrefix("accuracy ") }
  }

  @Test(.needs(.lite0)) func fromPhotosToPredictions() throws {
    try withPhotos { folder in
      let trained = try layertap("train", "photos", "--layers", "blocks.4", in: folder)
      #expect(trained.output.hasPrefix("classes      3: brick, grass, stars\n"))
      #expect(trained.output.hasSuffix("\nmodel        photos.layertap\n"))
      let line = try #require(accuracyLine(trained))
      #expect(line.hasSuffix("95 %, 12 test images; majority class 33.3 %)"))

      // The model file reproduces the reported result on the folder and on the store.
      let evaluated = try layertap(
        "evaluate", "photos.layertap", "photos", "--predictions", "p.csv", in: folder)
      #expect(evaluated.output.split(separator: "\n").first == line)
      #expect(evaluated.errors.contains("Only the test split is evaluated; 18 images"))
      let stored = try layertap("evaluate", "photos.layertap", "layertap-store", in: folder)
      #expect(stored.output == evaluated.output)

      let table = try CSV.parse(FileSystem.read(folder + "/p.csv"))
      #expect(table.first == ["path", "label", "predicted", "probability"] && table.count == 13)
      let predicted = try layertap(
        "predict", "photos.layertap", "photos/test", "--format", "csv", in: folder)
      let rows = try CSV.parse(predicted.output)
      #expect(rows.first == ["path", "rank", "class", "probability"])
      // Each image gets the same class and, without a store, the same bits of probability.
      #expect(rows.dropFirst().map { $0[2] } == table.dropFirst().map { $0[2] })
      #expect(rows.dropFirst().map { $0[3] } == table.dropFirst().map { $0[3] })
    }
  }

  @Test(.needs(.lite0)) func theSameCommandWritesTheSameBytes() throws {
    try withPhotos { folder in
      let options = ["train", "photos", "--layers", "blocks.2", "stem", "--output"]
      let first = try Tool.run(options + ["1.layertap", "--threads", "1"], in: folder)
      let second = try Tool.run(options + ["2.layertap", "--store", "other"], in: folder)
      #expect(first.status == 0 && second.status == 0)
      #expect(try FileSystem.read(folder + "/1.layertap") == FileSystem.read(folder + "/2.layertap"))
      #expect(first.output.replacing("1.layertap", with: "2.layertap") == second.output)
      #expect(first.output.contains("chosen"))
      let again = try Tool.run(options + ["1.layertap"], in: folder)
      #expect(again.status == 0 && again.output == first.output)
    }
  }

  /// The example in Python reads a model of images. The model has the keys of the training images and the settings of
  /// the command line.
  @Test(.needs(.lite0, .numPy)) func theExampleReadsWhatIsTrained() throws {
    try withPhotos { folder in
      _ = try layertap(
        "train", "photos", "--layers", "stem", "blocks.2", "--size", "64", "--folds", "3", "--output",
        "m.layertap",
        in: folder)
      let script = """
        import hashlib, pathlib, sys
        sys.path.insert(0, sys.argv[1])
        sys.dont_write_bytecode = True
        import read_model
        model = read_model.read_model("m.layertap")
        def keys(split):
            files = pathlib.Path("photos", split).rglob("*.*")
            return sorted(hashlib.sha256(file.read_bytes()).digest()[:8] for file in files)
        assert [row.tobytes() for row in model.seen] == keys("train"), "keys"
        assert not set(keys("test")) & set(row.tobytes() for row in model.seen)
        extraction, training = model.settings["extraction"], model.settings["training"]
        assert extraction["backbone"] == "efficientnet_lite0" and extraction["size"] == 64, extraction
        assert extraction["mean"] is None and extraction["tune"] is False, extraction
        assert extraction["columns"] == [{"tap": "stem", "pooling": "avg"}, {"tap": "blocks.2", "pooling": "avg"}]
        assert training["folds"] == 3 and training["c"] == "auto" and training["seed"] == "0", training
        assert model.selection["method"] == "cross-validation" and len(model.selection["tried"]) > 5
        assert len(model.columns) == 1 and model.columns[0] in extraction["columns"]
        """
      let outcome = try Python.run(script, [Repository.path("Examples")], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }

  /// No command writes a model of two columns yet, so the test makes one from two models of one column. Its scores are
  /// the sums of their scores.
  @Test(.needs(.lite0)) func aModelOfTwoColumnsIsUsedEverywhere() throws {
    try withPhotos { folder in
      let names = ["stem", "blocks.2"]
      var parts: [Classifier] = []
      for name in names {
        _ = try layertap(
          "train", "photos", "--layers", name, "--c", "0.1", "--standardize", "none", "--output",
          "\(name).layertap", in: folder)
        parts.append(try Classifier(contentsOf: "\(folder)/\(name).layertap"))
      }
      let sources = parts.compactMap(\.source)
      let both = Classifier(
        classNames: parts[0].classNames,
        weights: (0..<3).flatMap { c in
          parts.flatMap { $0.weights[c * $0.dimensions..<(c + 1) * $0.dimensions] }
        },
        bias: zip(parts[0].bias, parts[1].bias).map { $0 + $1 },
        scaler: .identity(columns: parts[0].dimensions + parts[1].dimensions),
        source: .init(
          identity: sources[0].identity, columns: sources.flatMap(\.columns),
          goldenScores: zip(sources[0].goldenScores ?? [], sources[1].goldenScores ?? []).map { $0 + $1 }),
        training: parts[0].training, seen: parts[0].seen)
      try both.write(to: folder + "/both.layertap")

      // `predict` reproduces the golden scores, which are sums too.
      let predicted = try layertap("predict", "both.layertap", "photos/test", "--format", "csv", in: folder)
      let rows = try CSV.parse(predicted.output).dropFirst()
      #expect(rows.count == 12)
      for data in ["photos", "layertap-store"] {
        let evaluated = try layertap("evaluate", "both.layertap", data, "--predictions", "p.csv", in: folder)
        #expect(evaluated.output.hasPrefix("accuracy "), "\(data)")
        let table = try CSV.parse(FileSystem.read(folder + "/p.csv")).dropFirst()
        #expect(table.map { $0[2] } == rows.map { $0[2] }, "\(data)")
        #expect(table.map { $0[3] } == rows.map { $0[3] }, "\(data)")
      }
      let warm = try Tool.run(
        ["train", "photos", "--warm-start", "both.layertap", "-o", "w.layertap"], in: folder)
      #expect(
        warm.status == 65 && warm.errors.contains("was trained on several columns, stem-avg + blocks.2-avg"))
    }
  }

  @Test(.needs(.lite0)) func aMatrixTrainsWithoutABackbone() throws {
    try withPhotos { folder in
      _ = try layertap("extract", "photos", "--layers", "blocks.4", "--output", "X.npy", in: folder)
      let matrix = try layertap("train", "X.npy", in: folder)
      let photos = try layertap("train", "layertap-store", "--output", "s.layertap", in: folder)
      #expect(accuracyLine(matrix) == accuracyLine(photos) && accuracyLine(matrix) != nil)
      let evaluated = try layertap("evaluate", "X.layertap", "X.npy", in: folder)
      #expect(accuracyLine(evaluated) == accuracyLine(matrix))
      let refused = try Tool.run(["predict", "X.layertap", "photos"], in: folder)
      #expect(refused.status == 65 && refused.output.isEmpty)
      #expect(refused.errors.hasPrefix("Error: the classifier was trained on a bare matrix"))
    }
  }

  @Test(.needs(.lite0)) func predictionsComeInThreeFormats() throws {
    try withPhotos { folder in
      _ = try layertap("train", "photos", "--layers", "blocks.4", "--output", "m.layertap", in: folder)
      let image = "photos/test/stars/" + (try FileSystem.list(folder + "/photos/test/stars").first ?? "")
      let text = try layertap("predict", "m.layertap", image, "--top", "2", in: folder)
      #expect(text.output.hasPrefix("\(image): stars ") && text.output.contains(" %, "))
      let json = try layertap("predict", "m.layertap", image, "--format", "json", "--top", "9", in: folder)
      let entry = try #require(try JSONValue.parse(json.output).arrayValue?.first)
      #expect(entry["path"]?.stringValue == image)
      let predictions = try entry.array("predictions")
      #expect(predictions.compactMap { $0["class"]?.stringValue }.first == "stars" && predictions.count == 3)
      let sum = predictions.compactMap { $0["probability"]?.doubleValue }.reduce(0, +)
      #expect(abs(sum - 1) < 1e-12)

      // One unreadable image does not prevent the classification of the others.
      try BadInputTests.write("text", to: folder + "/some/a.jpg")
      try BadInputTests.copy(folder + "/" + image, to: folder + "/some/b.jpg")
      let mixed = try Tool.run(["predict", "m.layertap", "some", "--format", "json"], in: folder)
      let read = try JSONValue.parse(mixed.output).arrayValue
      #expect(mixed.status == 65 && read?.count == 1)
      #expect(mixed.errors.contains("some/a.jpg: not an image"))
      #expect(mixed.errors.hasSuffix("Error: 1 of 2 images could not be read\n"))
    }
  }

  @Test func evaluationsComeInThreeFormats() throws {
    try withTemporaryFolder { folder in
      // Seven classes lie on a line. The last two overlap, and the test part lacks the third.
      var train = "path,label\n"
      var test = "path,label\n"
      var rows: (train: [Float], test: [Float]) = ([], [])
      for index in 0..<70 {
        let label = index % 7
        let x = Float(min(label, 5)) + Float(index / 7) / 20
        train += "\(index),c\(label)\n"
        rows.train += [x, x * x]
        if label != 2 {
          test += "\(index),c\(label)\n"
          rows.test += [x + 0.01, x * x]
        }
      }
      try BadInputTests.write(train, to: folder + "/train.csv")
      try BadInputTests.write(test, to: folder + "/test.csv")
      try Checkpoints.writeMatrix(rows.train, columns: 2, to: folder + "/train.npy")
      try Checkpoints.writeMatrix(rows.test, columns: 2, to: folder + "/test.npy")
      _ = try layertap("train", "train.npy", "--c", "100", "--output", "m.layertap", in: folder)

      let text = try layertap("evaluate", "m.layertap", "test.npy", in: folder)
      #expect(
        text.output.hasPrefix("accuracy ") && text.output.contains(", 60 images; majority class 16.7 %)"))
      for part in [
        "\nbalanced accuracy  ", " % by bootstrap)\nmacro F1 ", "\nweighted F1 ", "\ntop-5 accuracy ",
        "\nROC AUC ",
        "\naverage precision  ", "\nlog loss ", "\nBrier score ", "\ncalibration error  ", "\nc2 ", "\nis ",
      ] {
        #expect(text.output.contains(part), "\(part)")
      }
      let json = try JSONValue.parse(
        try layertap("evaluate", "m.layertap", "test.npy", "--format", "json", "--top", "2", in: folder)
          .output)
      #expect(json["images"] == .integer(60) && json["top"]?["k"] == .integer(2))
      let correct = try #require(json["accuracy"]?["correct"]?.intValue)
      #expect(correct < 60 && text.output.contains("accuracy \(Self.percent(correct, of: 60)) % ("))
      let confusion = try json.array("confusion").map { try #require($0.arrayValue).compactMap(\.intValue) }
      #expect(
        confusion.flatMap(\.self).reduce(0, +) == 60
          && confusion.map(\.count) == Array(repeating: 7, count: 7))
      #expect(
        confusion.indices.reduce(0) { $0 + confusion[$1][$1] } == correct
          && confusion[2].allSatisfy { $0 == 0 })
      let classes = try json.array("classes")
      #expect(classes.map { $0["class"]?.stringValue } == (0..<7).map { "c\($0)" })
      #expect(classes[2]["support"] == .integer(0) && classes[2]["recall"] == .number(0))

      let csv = try CSV.parse(
        try layertap("evaluate", "m.layertap", "test.npy", "--format", "csv", "--top", "2", in: folder).output
      )
      #expect(csv.first == ["metric", "class", "predicted", "value", "lower", "upper"])
      #expect(csv.first { $0[0] == "macro_f1" }?[3] == json["macroF1"]?.doubleValue.map { "\($0)" })
      #expect(csv.first { $0[0] == "log_loss" }?[3] == json["logLoss"]?.doubleValue.map { "\($0)" })
      #expect(
        csv.first { $0[0] == "top_2_accuracy" }?[4]
          == json["top"]?["accuracy"]?["lower"]?.doubleValue.map { "\($0)" })
      #expect(csv.filter { $0[0] == "confusion" }.compactMap { Int($0[3]) }.reduce(0, +) == 60)

      // An evaluation without a labeled image is an error, not a table of NaN.
      try BadInputTests.write("path,label\n" + (0..<60).map { "\($0),\n" }.joined(), to: folder + "/test.csv")
      let nothing = try Tool.run(["evaluate", "m.layertap", "test.npy"], in: folder)
      #expect(nothing.status == 65 && nothing.output.isEmpty)
      #expect(nothing.errors.hasPrefix("Error: none of the images has a label"))
    }
  }

  static func percent(_ count: Int, of all: Int) -> String {
    let tenths = Int((1000 * Double(count) / Double(all)).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  @Test(.needs(.lite0)) func aModelRefusesFeaturesOfAnotherOrigin() throws {
    try withPhotos { folder in
      _ = try layertap("train", "photos", "--layers", "blocks.4", "--output", "m.layertap", in: folder)
      _ = try layertap(
        "extract", "photos", "--layers", "blocks.4", "--size", "96", "--store", "small", in: folder)
      let store = try Tool.run(["evaluate", "m.layertap", "small"], in: folder)
      #expect(store.status == 65 && store.output.isEmpty)
      #expect(
        store.errors.contains("preprocessing differs:\n  trained with size 224\n  found here   size 96\n"))

      // The other network has one changed weight.
      let weights = try Weights.lite0Path()
      var tensors = try Checkpoints.read(weights)
      tensors["_fc.bias"]?.elements[0] += 1
      try Checkpoints.write(tensors, to: folder + "/other.safetensors")
      let other = try Tool.run(
        ["predict", "m.layertap", "photos", "--backbone", "other.safetensors"], in: folder)
      #expect(other.status == 65 && other.output.isEmpty && other.errors.contains("weights differ:\n"))

      // The golden scores of the file are changed, so the backbone does not reproduce them.
      let bytes = try FileSystem.read(folder + "/m.layertap")
      let file = try Safetensors(bytes.span)
      var spoiled = bytes
      let golden = try #require(file.entries["golden.scores"]?.range)
      spoiled[golden.upperBound - 2] ^= 0x40
      try Data(spoiled).write(to: URL(filePath: folder + "/spoiled.layertap"))
      let unproven = try Tool.run(["predict", "spoiled.layertap", "photos"], in: folder)
      #expect(unproven.status == 65 && unproven.output.isEmpty)
      #expect(unproven.errors.hasPrefix("Error: the classifier does not reproduce its golden scores here"))
    }
  }

  @Test(.needs(.lite0)) func heldBackImagesAndAHint() throws {
    try withPhotos { folder in
      let plain = try layertap("train", "photos/train", "--layers", "stem", "--output", "a", in: folder)
      #expect(accuracyLine(plain) == nil && plain.output.contains("cross-validated accuracy"))
      #expect(plain.errors.contains("--test-fraction 0.2 --seed 0"))
      let held = try layertap(
        "train", "photos/train", "--layers", "stem", "--test-fraction", "0.3", "--seed", "7", "--output", "b",
        in: folder)
      #expect(held.output.contains("12 training images, 6 test images (drawn: 30.0 % of each class, seed 7)"))
      #expect(accuracyLine(held)?.contains("6 test images") == true)
    }
  }
}
