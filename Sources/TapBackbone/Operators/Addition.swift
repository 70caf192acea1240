// The sum of two values, such as a block's output and its input.

import TapTensors

/// `y = a + b`, element by element. Both operands have the same shape.
package struct Addition: DocumentedOperator {
  package static let documentKinds = ["add"]

  package init() {}
  package init(_ document: NodeReader) {}

  package var name: String { "add" }
  package var hashedText: String { "add" }

  package func outputShape(_ operands: [Shape]) -> Shape? {
    operands.count == 2 && operands[0] == operands[1] ? operands[0] : nil
  }

  package func layout(output: Shape) -> Layout? { nil }
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField { operands.samePixel }

  package func step(_ context: StepContext) -> any Step {
    ElementwiseStep(.add(context.inputs[1].place), context)
  }
}
