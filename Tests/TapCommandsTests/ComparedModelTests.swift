import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// `compare --save-best` writes the file that `train` writes for the best column and kind alone.
@Suite struct ComparedModelTests {
  private static let network = ["--backbone", "net.safetensors", "--mean", "0,0,0", "--std", "1,1,1"]
  private static let training = ["--test-fraction", "0.25", "--folds", "3", "--seed", "4"]

  @discardableResult
  private func run(_ arguments: [String], in folder: String) throws -> Tool.Outcome {
    let outcome = try Tool.run(arguments, in: folder)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  /// Compares, then trains with the options of the best entry, and compares the bytes of both files.
  private func expectSameModel(
    _ data: String, compared: [String], shared: [String], hasLayers: Bool = true, in folder: String
  ) throws {
    if FileSystem.exists(folder + "/new") { try FileSystem.remove(folder + "/new/best.layertap") }
    let outcome = try run(
      ["compare", data, "--save-best", "new/best.layertap", "--format", "json"] + compared + shared, in: folder)
    #expect(outcome.errors.contains("model: new/best.layertap"))
    let json = try JSONValue.parse(outcome.output)
    let entries = try #require(json["entries"]?.arrayValue)
    let best = entries[try #require(json["best"]?.intValue)]
    var options = ["--classifier", try best.string("classifier")]
    if hasLayers {
      let column = try #require(best["column"])
      options += ["--layers", try column.string("tap"), "--pool", try column.string("pooling")]
    }
    if let resize = best["resize"]?.stringValue { options += ["--resize", resize] }
    try run(["train", data, "--output", "alone.layertap"] + options + shared, in: folder)
    #expect(
      try FileSystem.read(folder + "/new/best.layertap") == FileSystem.read(folder + "/alone.layertap"),
      "\(options)")
  }

  @Test func theFileIsThatOfATraining() throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      try writeGeneratedClasses(0..<24, to: folder + "/photos", width: 12)
      let compared = [
        "--layers", "conv1", "layer1", "layer3", "--pool", "avg", "max", "--classifier", "svm", "logistic",
      ]
      try expectSameModel("photos", compared: compared, shared: Self.network + Self.training, in: folder)
      try expectSameModel(
        "photos", compared: ["--layers", "layer1", "layer2", "--resize", "auto"],
        shared: Self.network + Self.training, in: folder)
    }
  }

  @Test func theFileOfAStoreOrAMatrixIsThatOfATraining() throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      try writeGeneratedClasses(0..<24, to: folder + "/photos", width: 12)
      try run(["extract", "photos", "--layers", "layer1", "layer2", "--store", "kept"] + Self.network, in: folder)
      let store = try #require(
        FileSystem.list(folder + "/kept").first { FileSystem.isDirectory("\(folder)/kept/\($0)") })
      // The backbone of a store is found by its name, and this network has none that could be found.
      try expectSameModel("kept/\(store)", compared: [], shared: Self.training, in: folder)
      let rows = (0..<30).map { "\($0 * $0 % 7),\($0 % 5),\($0 * 3 % 11),\($0 % 2)\n" }
      try BadInputTests.write("f,g,h,label\n" + rows.joined(), to: folder + "/x.csv")
      try expectSameModel(
        "x.csv", compared: ["--classifier", "nearest-mean", "logistic"], shared: Self.training, hasLayers: false,
        in: folder)
    }
  }

  @Test(arguments: [
    ("x.csv", "'--output' would replace", 64), ("m.json", "'compare --output' writes a table", 64),
    (".", ". is a folder: name a file with --save-best", 73),
  ])
  func otherNamesAreRefused(name: String, message: String, code: Int) throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write("f,label\n1,a\n2,b\n", to: folder + "/x.csv")
      let outcome = try Tool.run(["compare", "x.csv", "--save-best", name], in: folder)
      #expect(
        Int(outcome.status) == code
          && outcome.errors.contains(message.replacing("'--output'", with: "'--save-best'")), "\(outcome.errors)")
    }
  }
}
