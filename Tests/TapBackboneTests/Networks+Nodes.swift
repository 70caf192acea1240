// Nodes of ONNX for small networks. In a separate file, since some operations and operators have the same names.

import TapBackbone
import TapONNXOperators
import TapTensors

extension Networks {
  /// Reverses the rows.
  static func flip(of shape: Shape) -> GeneralOperation {
    // From the last to the first along the axis of height.
    let bounds = [-1, .min, 1, -1].map { GeneralOperation.Operand.constant(ONNXTensor([$0])) }
    return GeneralOperation(
      node: ONNXOperator(type: "Slice", opset: 13), operands: [.value(shape)] + bounds, attributes: "",
      inputShapes: [shape], outputShape: shape)
  }

  /// A node that is only described, not computed.
  static func node(
    _ type: String, _ attributes: String, constants: [Tensor], of shape: Shape
  ) -> GeneralOperation {
    GeneralOperation(
      node: ONNXOperator(type: type, opset: 13),
      operands: [.value(shape)]
        + constants.map { .constant(ONNXTensor(shape: $0.shape, floats: $0.elements)) },
      attributes: attributes, inputShapes: [shape], outputShape: shape)
  }
}
