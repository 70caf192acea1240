// Nodes of ONNX for small networks. In a separate file, since some operations and operators have the same names.

import TapBackbone
import TapONNXOperators
import TapTensors

extension Networks {
  /// Reverses the rows.
  static func flip(of shape: Shape) -> ImportedNode {
    // The slice goes from the last row to the first row: start, end, axis (height) and step.
    let bounds = [-1, .min, 1, -1].map { ImportedNode.Operand.constant(ONNXTensor([$0])) }
    return ImportedNode(
      node: ONNXOperator(type: "Slice", opset: 13), operands: [.value(shape)] + bounds, attributes: "",
      inputShapes: [shape], outputShape: shape)
  }

  /// A node that is only described, not computed.
  static func node(
    _ type: String, _ attributes: String, constants: [Tensor], of shape: Shape
  ) -> ImportedNode {
    ImportedNode(
      node: ONNXOperator(type: type, opset: 13),
      operands: [.value(shape)]
        + constants.map { .constant(ONNXTensor(shape: $0.shape, floats: $0.elements)) },
      attributes: attributes, inputShapes: [shape], outputShape: shape)
  }
}
