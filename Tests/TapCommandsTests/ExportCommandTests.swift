import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// `export` on the command line.
@Suite(.needs(.lite0)) struct ExportCommandTests {
  private func withModel(_ body: (String) throws -> Void) throws {
    try Weights.lite0Path()
    try withTemporaryFolder { folder in
      try writeGeneratedClasses(0..<12, to: folder + "/photos")
      let trained = try Tool.run(
        ["train", "photos", "--layers", "blocks.1", "--size", "32", "--output", "m.layertap"], in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      try body(folder)
    }
  }

  @Test func aModelAndFeaturesAreWritten() throws {
    try withModel { folder in
      let text = try Tool.run(["export", "m.layertap", "--onnx", "m.onnx"], in: folder)
      #expect(text.status == 0, "\(text.errors)")
      #expect(text.output.contains("written: m.onnx") && text.output.contains("features the same bits"))
      #expect(text.output.contains("outputs: scores, probabilities, features:blocks.1-avg"))
      let features = try Tool.run(
        [
          "export", "--layers", "stem", "blocks.3", "--pool", "avg", "max", "--size", "32", "--input", "uint8",
          "--onnx", "f.onnx", "--format", "json",
        ], in: folder)
      #expect(features.status == 0, "\(features.errors)")
      let json = try #require(try JSONValue.parse(features.output).array("files").first)
      #expect(json["input"] == .string("pixels") && json["takesBatches"] == .bool(true))
      #expect(json["outputs"]?.arrayValue?.count == 4 && json["scoreDifference"] == .null)
      #expect(try FileSystem.list(folder).contains("f.onnx"))
    }
  }

  @Test func wrongArgumentsAreRefused() throws {
    try withModel { folder in
      try AtomicWriter.replace(folder + "/old.onnx", with: "old")
      for (arguments, status, words) in [
        (["export"], 64, "model"),
        (["export", "m.layertap"], 64, "--onnx"),
        (["export", "m.layertap", "--onnx", "m.layertap"], 64, "would replace"),
        (["export", "m.layertap", "--onnx", "old.onnx", "--executable", "old.onnx"], 64, "both write"),
        (["export", "m.layertap", "--executable", "old.onnx"], 64, "static command"),
        (["export", "m.layertap", "--executable", "old.onnx", "--input", "uint8"], 64, "'--input' is for"),
        (["export", "--layers", "stem", "--executable", "old.onnx"], 64, "name a model"),
        (["export", "m.layertap", "--layers", "stem", "--onnx", "old.onnx"], 64, "leave '--layers' out"),
        (["export", "m.layertap", "--size", "64", "--onnx", "old.onnx"], 64, "leave '--size' out"),
        (["export", "m.layertap", "--backbone", "resnet18", "--onnx", "old.onnx"], 66, "resnet18"),
        (["export", "--layers", "stems", "--onnx", "old.onnx"], 64, "Did you mean 'stem'"),
        (["export", "photos", "--onnx", "old.onnx"], 66, "photos is a folder"),
      ] as [([String], Int32, String)] {
        let outcome = try Tool.run(arguments, in: folder)
        #expect(outcome.status == status && outcome.errors.contains(words), "\(arguments): \(outcome)")
      }
      #expect(try FileSystem.read(folder + "/old.onnx") == Array("old".utf8))
    }
  }
}
