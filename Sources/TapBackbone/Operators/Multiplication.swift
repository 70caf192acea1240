// The product of two values, such as an image and its gates.

import TapTensors

/// `y = a b`, element by element. Both operands have the same shape, or the second operand has one value for each
/// channel of the first operand.
package struct Multiplication: DocumentedOperator {
  package static let documentKinds = ["multiply"]

  package init() {}
  package init(_ document: NodeReader) {}

  package var name: String { "multiply" }
  package var hashedText: String { "multiply" }

  package func outputShape(_ operands: [Shape]) -> Shape? {
    guard operands.count == 2 else { return nil }
    let (x, factor) = (operands[0], operands[1])
    let channels = x.extents.first ?? 0
    let isChannelwise = x.rank == 3 && [[channels], [channels, 1, 1]].contains(factor)
    return factor == x || isChannelwise ? x : nil
  }

  package func layout(output: Shape) -> Layout? { .channelsLast }

  /// Factors of channels depend on the whole image.
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField {
    ReceptiveField(step: operands.step)
  }

  package func step(_ context: StepContext) -> any Step {
    let (x, factor) = (context.inputs[0], context.inputs[1])
    return ElementwiseStep(
      factor.shape == x.shape ? .multiply(factor.place) : .scale(by: factor.place, from: context.to), context)
  }
}
