// Operators without a kernel: computed on whole values in logical order by whoever brought them, such as the importer of ONNX.

import TapTensors

/// A function of values of fixed shapes.
package struct GeneralOperation: Sendable {
  /// The operator's name where it comes from: `LRN`.
  package let name: String
  /// Everything beside inputs and tensors that the result depends on, for the structure's hash.
  package let attributes: String
  /// What it was trained with, or other constants.
  package let constants: [Tensor]
  package let inputShapes: [Shape]
  package let outputShape: Shape
  /// The result of inputs in logical, row-major order; nil if it cannot be computed, which makes it NaN.
  package let compute: @Sendable ([[Float]]) -> [Float]?

  package init(
    name: String, attributes: String, constants: [Tensor], inputShapes: [Shape], outputShape: Shape,
    compute: @escaping @Sendable ([[Float]]) -> [Float]?
  ) {
    self.name = name
    self.attributes = attributes
    self.constants = constants
    self.inputShapes = inputShapes
    self.outputShape = outputShape
    self.compute = compute
  }
}
