import TapBackbone
import TapONNX
import TapProvenance
import TestSupport

/// Backbones of sketched models, and their results for one image.
enum Sketch {
  static func node(
    _ name: String, _ inputs: [String], _ outputs: [String], _ integers: [String: [Int64]] = [:],
    _ attributes: [String: AttributeSketch] = [:]
  ) -> NodeSketch {
    NodeSketch(
      operatorName: name, inputs: inputs, outputs: outputs, integers: integers, attributes: attributes)
  }

  static func backbone(
    _ nodes: [NodeSketch], _ initializers: [TensorSketch] = [], opset: Int64 = 15, output: String = "y",
    inputShape: [Int64] = [1, 3, 8, 8]
  ) throws -> Backbone {
    let bytes = modelBytes(nodes, initializers, opset: opset, output: output, inputShape: inputShape)
    return try ONNXImporter.backbone(
      try ONNXModel(bytes.span), name: "sketch", preprocessing: Preprocessing(size: 8))
  }

  static func values(_ count: Int, from first: Float = -0.5) -> [Float] {
    (0..<count).map { first + Float($0 * 37 % 101) / 101 }
  }

  static let image = values(3 * 64)

  static func row(_ backbone: Backbone, _ layer: String, _ pooling: TapProvenance.Pooling = .flatten) throws
    -> [Float]
  {
    try backbone.plan(columns: backbone.columns(layers: [layer], poolings: [pooling])).rows(image)
  }
}
