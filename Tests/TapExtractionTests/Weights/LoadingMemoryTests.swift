// Loading keeps one copy of the weights: the file is mapped, and nothing is folded or packed before it is needed.

import FoundationEssentials
import TapArchitectures
import TapFileSystem
import TestSupport
import Testing

@Suite(.serialized) struct LoadingMemoryTests {
  enum Format: String, CaseIterable {
    case safetensors, half, zip, legacy, onnx

    /// Writes a file of about a hundred megabytes of float32, or half of that. Returns the size of the file and the
    /// size of its weights as float32.
    func write(to path: String) throws -> (file: Int, packed: Int) {
      let parameters = try Architectures.parameters(of: "resnet50").map { (name: $0, shape: $1.extents) }
      var packed = 4 * parameters.reduce(0) { $0 + $1.shape.reduce(1, *) }
      let bytes: [UInt8]
      switch self {
      case .safetensors: bytes = WeightFiles.safetensors(parameters)
      case .half: bytes = WeightFiles.halfSafetensors(parameters)
      case .zip: bytes = WeightFiles.zippedPickle(parameters)
      case .legacy: bytes = WeightFiles.legacyPickle(parameters)
      case .onnx:
        bytes = WeightFiles.onnx(layers: 12, channels: 512)
        packed = bytes.count
      }
      try AtomicWriter.replace(path, with: bytes)
      return (bytes.count, packed)
    }

    var fileName: String {
      switch self {
      case .safetensors, .half: "resnet50.safetensors"
      case .zip, .legacy: "resnet50.pth"
      case .onnx: "network.onnx"
      }
    }
  }

  @Test(arguments: Format.allCases)
  func loadingTakesLittleMoreThanTheWeights(format: Format) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/\(format.fileName)"
      let size = try format.write(to: path)
      var most = 0
      let outcome = try Tool.start(["layers", path]) { most = $0.peakAnonymousMemory() }
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.hasPrefix(format == .onnx ? "network" : "resnet50"), "\(outcome.output)")
      #expect(size.packed > 90_000_000 && most > size.packed / 2, "nothing was seen")
      #expect(
        Double(most) <= 1.3 * Double(max(size.file, size.packed)),
        "\(most) bytes for a file of \(size.file), \(size.packed) as float32")
    }
  }
}
