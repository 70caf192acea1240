import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// `train --warm-start`: settings that are kept, errors, and predictions that changed.
@Suite struct WarmStartTests {
  /// Writes rows of overlapping classes, by default in three columns.
  static func write(_ classes: [String], to path: String, columns: Int = 3) throws {
    var numbers = Congruential(state: 7)
    var text = "id,label" + (0..<columns).map { ",f\($0)" }.joined() + "\n"
    for (index, name) in classes.enumerated() {
      let center = Double(name.utf8.first ?? 0) * 2
      text += "item \(index),\(name)"
      for j in 0..<columns {
        text += ",\(center * Double(1 + j % 2) * (j == 2 ? -1 : 1) + 5 * numbers.uniform())"
      }
      text += "\n"
    }
    try BadInputTests.write(text, to: path)
  }

  static func cycle(_ names: [String], _ count: Int) -> [String] {
    (0..<count).map { names[$0 % names.count] }
  }

  func train(_ arguments: [String], in folder: String) throws -> Tool.Outcome {
    try Tool.run(["train"] + arguments, in: folder)
  }

  /// The predicted classes of a file's rows.
  func predictions(_ model: String, _ data: String, in folder: String) throws -> [String] {
    try CSV.parse(Tool.run(["predict", model, data, "--format", "csv"], in: folder).output).dropFirst().map {
      $0[2]
    }
  }

  @Test func aClassMoreAndEveryFlipIsListed() throws {
    try withTemporaryFolder { folder in
      let all = Self.cycle(["b", "d", "c", "a"], 120)
      try Self.write(all, to: folder + "/all.csv")
      // The second file has the same rows, but lacks the rows of class a.
      let lines = try String(decoding: FileSystem.read(folder + "/all.csv"), as: UTF8.self).split(
        separator: "\n")
      try BadInputTests.write(
        lines.filter { !$0.contains(",a,") }.joined(separator: "\n") + "\n", to: folder + "/some.csv")
      let old = try train(
        [
          "some.csv", "--c", "0.05", "--standardize", "max", "--class-weight", "balanced", "-o",
          "old.layertap",
        ],
        in: folder)
      #expect(old.status == 0, "\(old.errors)")
      let settings = ["--c", "0.05", "--standardize", "max", "--class-weight", "balanced"]
      _ = try train(["all.csv", "-o", "cold.layertap"] + settings, in: folder)
      let warm = try train(
        ["all.csv", "--warm-start", "old.layertap", "-o", "warm.layertap", "--flips", "flips.csv"], in: folder
      )
      #expect(warm.status == 0, "\(warm.errors)")
      #expect(warm.output.contains("\nC            0.05, as the earlier model has it\n"), "\(warm.output)")
      #expect(warm.output.contains("\nwarm start   old.layertap; new classes a\n"))
      #expect(warm.output.contains(" Hessian products; the objective is within "))

      let (before, after) = (
        try predictions("old.layertap", "all.csv", in: folder),
        try predictions("warm.layertap", "all.csv", in: folder)
      )
      #expect(try predictions("cold.layertap", "all.csv", in: folder) == after)
      let expected = all.indices.filter { before[$0] != after[$0] }
      #expect(expected.count > 25, "\(expected.count)")
      let gained = expected.count { after[$0] == all[$0] }
      let lost = expected.count { before[$0] == all[$0] }
      #expect(
        warm.output.contains(
          "\nflipped      \(expected.count) of 120 training images: \(gained) wrong → right, \(lost) right → wrong, "
            + "\(expected.count - gained - lost) wrong → wrong\n"), "\(warm.output)")
      let listed = try CSV.parse(String(decoding: FileSystem.read(folder + "/flips.csv"), as: UTF8.self))
      #expect(listed[0] == ["path", "part", "label", "old", "new"])
      #expect(
        Array(listed.dropFirst()) == expected.map { ["item \($0)", "train", all[$0], before[$0], after[$0]] })
      #expect(
        warm.output.contains("\n               and \(expected.count - 20) more (--flips F.csv lists all)\n"))
      #expect(warm.output.split(separator: "\n").count { $0.hasPrefix("               item ") } == 20)
    }
  }

  @Test func aClassGoneOtherOptionsAndATestPart() throws {
    try withTemporaryFolder { folder in
      try Self.write(Self.cycle(["a", "b", "c"], 90), to: folder + "/three.csv")
      try Self.write(Self.cycle(["c", "a"], 60), to: folder + "/two.csv")
      _ = try train(["three.csv", "--classifier", "svm", "--c", "0.01", "-o", "old.layertap"], in: folder)
      let warm = try train(
        [
          "two.csv", "--warm-start", "old.layertap", "--c", "0.2", "--test-fraction", "0.25", "-o",
          "w.layertap",
        ],
        in: folder)
      #expect(warm.status == 0, "\(warm.errors)")
      #expect(warm.output.contains("\nC            0.2, as given\n"))
      #expect(warm.output.contains("\nwarm start   old.layertap; classes gone b\n"))
      #expect(warm.output.contains(" of 44 training images") && warm.output.contains(" of 16 test images"))
      // The result is still a support vector machine, and equals one that was trained without a warm start.
      _ = try train(
        ["two.csv", "--classifier", "svm", "--c", "0.2", "--test-fraction", "0.25", "-o", "cold.layertap"],
        in: folder)
      let margins = try ["w.layertap", "cold.layertap"].map {
        try Tool.run(["predict", $0, "two.csv", "--format", "csv"], in: folder).output
      }
      #expect(margins[0].hasPrefix("path,rank,class,margin"), "\(margins[0].prefix(40))")
      let values = try margins.map { try CSV.parse($0).dropFirst().compactMap { Double($0[3]) } }
      #expect(values[0].count == 60)
      for (a, b) in zip(values[0], values[1]) { #expect(abs(a - b) <= 1e-3) }
    }
  }

  @Test func whatDoesNotFitIsNamed() throws {
    try withTemporaryFolder { folder in
      try Self.write(Self.cycle(["a", "b"], 40), to: folder + "/X.csv")
      try Self.write(Self.cycle(["a", "b"], 40), to: folder + "/wide.csv", columns: 5)
      _ = try train(["X.csv", "--c", "1", "-o", "m.layertap"], in: folder)
      let wide = try train(["wide.csv", "--warm-start", "m.layertap"], in: folder)
      #expect(
        wide.errors == "Error: feature vectors of length 5, but the classifier was trained on length 3\n")
      #expect(wide.status == 65 && !FileSystem.exists(folder + "/wide.layertap"))
      let none = try train(["X.csv", "--flips", "f.csv"], in: folder)
      #expect(
        none.status == 64
          && none.errors.hasPrefix(
            "Error: '--flips' compares with an earlier model: name it with --warm-start\n")
      )
      let loss = try train(["X.csv", "--warm-start", "m.layertap", "--loss", "hinge"], in: folder)
      #expect(loss.status == 64 && loss.errors.hasPrefix("Error: '--loss': it is for --classifier svm"))
      let missing = try train(["X.csv", "--warm-start", "no.layertap"], in: folder)
      #expect(missing.status == 66 && missing.errors.hasPrefix("Error: no.layertap "), "\(missing.errors)")
    }
  }

  /// Layer, backbone and preprocessing come from the model. If an option gives others, the error names them.
  @Test(.needs(.lite0)) func imagesKeepTheirLayer() throws {
    try TrainedModelTests().withPhotos { folder in
      let old = try train(
        ["photos", "--layers", "blocks.4", "--pool", "max", "--c", "0.01", "-o", "m.layertap"], in: folder)
      #expect(old.status == 0, "\(old.errors)")
      let warm = try train(["photos", "--warm-start", "m.layertap", "-o", "w.layertap"], in: folder)
      #expect(warm.status == 0, "\(warm.errors)")
      #expect(warm.output.contains("\nfeatures     efficientnet_lite0, blocks.4-max, "), "\(warm.output)")
      #expect(
        warm.output.contains("\nflipped      0 of 18 training images\n             0 of 12 test images\n"))
      let stored = try train(
        ["layertap-store", "--warm-start", "m.layertap", "-o", "s.layertap"], in: folder)
      #expect(stored.output.contains("\nfeatures     efficientnet_lite0, blocks.4-max, "), "\(stored.errors)")

      func expect(_ arguments: [String], _ text: String, sourceLocation: SourceLocation = #_sourceLocation)
        throws
      {
        let outcome = try train(arguments + ["--warm-start", "m.layertap", "-o", "x.layertap"], in: folder)
        #expect(
          outcome.status == 65 && outcome.errors.contains(text), "\(outcome.errors)",
          sourceLocation: sourceLocation)
        #expect(!FileSystem.exists(folder + "/x.layertap"), sourceLocation: sourceLocation)
      }
      try expect(
        ["photos", "--layers", "stem"],
        "layer differs:\n  trained with blocks.4-max\n  found here   stem-avg\n")
      try expect(
        ["photos", "--size", "96"],
        "preprocessing differs:\n  trained with size 224\n  found here   size 96\n")
      let weights = try Weights.lite0Path()
      var tensors = try Checkpoints.read(weights)
      tensors["_fc.bias"]?.elements[0] += 1
      try Checkpoints.write(tensors, to: folder + "/other.safetensors")
      try expect(["photos", "--backbone", "other.safetensors"], "weights differ:\n")
      try Self.write(Self.cycle(["a", "b"], 20), to: folder + "/X.csv")
      try expect(
        ["X.csv"],
        "m.layertap was trained on features of efficientnet_lite0, and a matrix does not say where it is from"
      )
      _ = try train(["X.csv", "--c", "1", "-o", "m.layertap"], in: folder)
      try expect(["photos"], "the classifier was trained on a bare matrix")
    }
  }
}

extension WarmStartTests {
  /// Every setting of the earlier model is kept, except C, which becomes the chosen value.
  @Test func everySettingIsReadBack() throws {
    try withTemporaryFolder { folder in
      try Self.write(Self.cycle(["a", "b", "c"], 60), to: folder + "/X.csv")
      let options = [
        "--multi-class", "one-vs-rest", "--penalty", "elastic-net", "--l1-ratio", "0.25", "--intercept", "2",
        "--tolerance", "1e-5", "--maximum-iterations", "300", "--class-weight", "1,2,0.5", "--normalize-rows",
        "--pca", "2",
        "--whiten", "--standardize", "max", "--c", "0.1,1", "--test-fraction", "0.2", "--folds", "3",
        "--repeats", "2",
        "--select", "one-se", "--nested", "--no-refit", "--calibrate", "platt", "--seed",
        "18446744073709551615",
      ]
      let old = try train(["X.csv", "-o", "old.layertap"] + options, in: folder)
      #expect(old.status == 0, "\(old.errors)")
      let warm = try train(["X.csv", "--warm-start", "old.layertap", "-o", "warm.layertap"], in: folder)
      #expect(warm.status == 0, "\(warm.errors)")
      func settings(_ name: String) throws -> [String: JSONValue] {
        let text = try #require(try ModelContents("\(folder)/\(name).layertap").metadata["settings"])
        return try #require(try JSONValue.parse(text)["training"]?.objectValue)
      }
      var (before, after) = (try settings("old"), try settings("warm"))
      #expect(before.removeValue(forKey: "c") == .array([.number(0.1), .number(1)]))
      #expect([.number(0.1), .number(1)].contains(after.removeValue(forKey: "c")))
      // The warm start has one C and no search, so its file lacks the setting `exhaustive`.
      #expect(before.removeValue(forKey: "exhaustive") == .bool(false))
      #expect(after == before && before.count == 23, "\(before.keys.sorted())")
      #expect(before["seed"] == .string("18446744073709551615") && before["refit"] == .bool(false))

      // Options override the kept settings, and can switch off those that are on.
      let other = try train(
        [
          "X.csv", "--warm-start", "old.layertap", "-o", "other.layertap", "--no-nested",
          "--no-normalize-rows", "--refit",
          "--pca", "none", "--test-fraction", "none", "--calibrate", "none", "--penalty", "l2", "--c", "auto",
        ], in: folder)
      #expect(other.status == 0, "\(other.errors)")
      let changed = try settings("other")
      #expect(
        changed["nested"] == .bool(false) && changed["normalizeRows"] == .bool(false)
          && changed["pca"] == .null)
      #expect(changed["refit"] == .bool(true) && changed["c"] == .string("auto") && changed["whiten"] == nil)
      #expect(changed["testFraction"] == .null && changed["folds"] == .integer(3))
    }
  }

  /// Data with their own test split are not split again, and a note says so.
  @Test func aSplitOfTheDatasOwnGoesBeforeADrawnOne() throws {
    try withTemporaryFolder { folder in
      try Self.write(Self.cycle(["a", "b"], 60), to: folder + "/X.csv")
      _ = try train(["X.csv", "-o", "old.layertap", "--test-fraction", "0.2", "--c", "1"], in: folder)
      let labels =
        "label,split\n" + (0..<60).map { "\(["a", "b"][$0 % 2]),\($0 < 20 ? "test" : "train")\n" }.joined()
      try BadInputTests.write(labels, to: folder + "/labels.csv")
      let warm = try train(
        ["X.csv", "--labels", "labels.csv", "--warm-start", "old.layertap", "-o", "warm.layertap"], in: folder
      )
      #expect(
        warm.status == 0 && warm.output.contains("40 training images, 20 test images"), "\(warm.errors)")
      #expect(warm.errors.contains("The images have a split of their own: it is used in place of the part"))
      let asked = try train(
        ["X.csv", "--labels", "labels.csv", "--warm-start", "old.layertap", "--test-fraction", "0.2"],
        in: folder)
      #expect(asked.status == 64 && asked.errors.contains("leave --test-fraction out"))
    }
  }

  @Test func unknownSettingsAreNamed() throws {
    try withTemporaryFolder { folder in
      try Self.write(Self.cycle(["a", "b"], 40), to: folder + "/X.csv")
      _ = try train(["X.csv", "-o", "old.layertap", "--c", "1"], in: folder)
      var bytes = try FileSystem.read(folder + "/old.layertap")
      let word = Array("\\\"standardize\\\":\\\"auto\\\"".utf8)
      let place = try #require(bytes.indices.first { bytes[$0...].starts(with: word) })
      bytes.replaceSubrange(place..<place + word.count, with: Array("\\\"standardize\\\":\\\"rank\\\"".utf8))
      try AtomicWriter.replace(folder + "/new.layertap", with: bytes)
      let warm = try train(["X.csv", "--warm-start", "new.layertap", "-o", "w.layertap"], in: folder)
      #expect(
        warm.status == 65
          && warm.errors.hasPrefix(
            "Error: new.layertap: the setting 'standardize': expected one of auto, none, std, max, found \"rank\""
          ),
        "\(warm.errors)")
      #expect(!FileSystem.exists(folder + "/w.layertap"))
      // The model with the unknown setting can still predict.
      #expect(try Tool.run(["predict", "new.layertap", "X.csv"], in: folder).status == 0)
    }
  }
}
