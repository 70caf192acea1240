import TapBackbone
import TapFileSystem
import TapInterchange
import TapONNX
import TapONNXOperators
import TapProvenance
import TapTensors
import TestSupport
import Testing

/// Networks that came from an ONNX file.
@Suite struct ImportedExportTests {
  /// A network with one node that no kernel computes.
  private func backbone(_ node: ONNXOperator, _ operands: [ImportedNode.Operand], result shape: Shape) throws
    -> Backbone
  {
    var graph = Graph()
    graph.append("relu", Clamp.relu, Graph.input)
    graph.append(
      "y",
      ImportedNode(
        node: node, operands: operands, attributes: "of a test", inputShapes: [[3, 6, 6]], outputShape: shape),
      "relu")
    return try Backbone.small(graph, size: 6)
  }

  private func export(_ backbone: Backbone) throws -> ONNXExport {
    try ONNXExport(backbone, columns: backbone.columns(layers: ["y"], poolings: [.flatten]))
  }

  @Test func aNodeIsWrittenAsItCame() throws {
    let cases: [(ONNXOperator, [ImportedNode.Operand], Shape)] = [
      (
        ONNXOperator(type: "LRN", opset: 7, attributes: ["size": .integer(3), "alpha": .float(0.1)]),
        [.value([1, 3, 6, 6])], [3, 6, 6]
      ),
      (
        ONNXOperator(type: "Transpose", opset: 13, attributes: ["perm": .integers([1, 0])]), [.value([27, 4])],
        [4, 27]
      ),
      (
        ONNXOperator(type: "Slice", opset: 13, outputCount: 1),
        [.value([1, 3, 6, 6]), .constant(ONNXTensor([1])), .constant(ONNXTensor([3])), .constant(ONNXTensor([1]))],
        [2, 6, 6]
      ),
      (
        ONNXOperator(type: "ReduceMax", opset: 13, attributes: ["axes": .integers([3])]), [.value([1, 3, 6, 6])],
        [3, 6, 1]
      ),
    ]
    for (node, operands, shape) in cases {
      let backbone = try backbone(node, operands, result: shape)
      let export = try export(backbone)
      #expect(!export.takesBatches)
      let file = try ExportedFile(export)
      let image = ReferenceParameters.image(size: 6)
      let found = try #require(try file.outputs(image, size: 6).values.first)
      #expect(normalizedError(found, try backbone.row(export.columns, image)) <= 2e-6, "\(node.type)")
    }
  }

  @Test func aNodeOfAnotherFormIsRefusedByName() throws {
    let refused: [(ONNXOperator, [ImportedNode.Operand], String)] = [
      (
        ONNXOperator(type: "ReduceMax", opset: 18), [.value([1, 3, 6, 6]), .constant(ONNXTensor([3]))],
        "operator set 18, and set 18 changed"
      ),
      (ONNXOperator(type: "Mish", opset: 18), [.value([1, 3, 6, 6])], "came with operator set 18"),
      (
        ONNXOperator(type: "Pad", opset: 10, attributes: ["pads": .integers([0, 0, 1, 1, 0, 0, 1, 1])]),
        [.value([1, 3, 6, 6])], "operator set 10, and set 11 changed"
      ),
    ]
    for (node, operands, words) in refused {
      let export = try export(try backbone(node, operands, result: node.type == "ReduceMax" ? [3, 6, 1] : [3, 6, 6]))
      let refusal = try export.refusal()
      #expect(refusal.contains("'y' (\(node.type))") && refusal.contains(words), "\(refusal)")
    }
  }
}
