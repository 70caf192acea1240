// Runs an exported file by the definitions of ONNX's operators in plain Swift. These definitions pass the ONNX
// project's own tests, and share no code with the kernels of the network.

import TapBackbone
import TapFileSystem
import TapInterchange
import TapONNX
import TapONNXOperators
import TapProvenance
import TapTensors
import TestSupport
import Testing

struct ExportedFile {
  let model: ONNXModel
  let readBack: ONNXReadBack

  init(_ export: ONNXExport) throws {
    (model, readBack) = try withTemporaryFolder { folder in
      let path = folder + "/model.onnx"
      let found = try export.write(to: path, version: "1.2.3")
      return (try ONNXModel(path: path), found)
    }
  }

  /// The outputs for images `[n, size, size, 3]`.
  func outputs(_ images: [Float], size: Int) throws -> [String: [Float]] {
    let count = images.count / (3 * size * size)
    let planes = (0..<count).flatMap { n in
      (0..<3).flatMap { channel in
        (0..<size * size).map { images[(n * size * size + $0) * 3 + channel] }
      }
    }
    return try outputs(["input": ONNXTensor(shape: [count, 3, size, size], floats: planes)])
  }

  func outputs(_ inputs: [String: ONNXTensor]) throws -> [String: [Float]] {
    try ONNXEvaluator(model).evaluate(inputs).mapValues { try $0.floats() }
  }
}

extension ONNXExport {
  /// The message of an export that is refused. Nothing may be written.
  func refusal() throws -> String {
    try withTemporaryFolder { folder in
      var message = ""
      do { try write(to: folder + "/y.onnx", version: "1.2.3") } catch { message = "\(error)" }
      let left = try FileSystem.list(folder)
      #expect(left.isEmpty, "\(left)")
      return message
    }
  }
}

extension Backbone {
  /// A network of a few nodes.
  static func small(_ graph: Graph, size: Int) throws -> Backbone {
    try Backbone(
      name: "small", preprocessing: Preprocessing(size: size, cropFraction: 1), graph: graph,
      taps: graph.nodes.map { ($0.output, $0.operation.name) }, aliases: [:])
  }

  /// The row of columns for an image.
  func row(_ columns: [Column], _ image: [Float]) throws -> [Float] { try plan(columns: columns).rows(image) }
}
