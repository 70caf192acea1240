// Probabilities from scores.

import TapTensors

/// `exp(x[i]) / sum over j of exp(x[j])` of a vector.
package struct Softmax: DocumentedOperator {
  package static let documentKinds = ["softmax"]

  package init() {}
  package init(_ document: NodeReader) {}

  package var name: String { "softmax" }
  package var hashedText: String { "softmax" }

  package func outputShape(_ operands: [Shape]) -> Shape? {
    operands.single.flatMap { $0.rank == 1 ? $0 : nil }
  }

  package func layout(output: Shape) -> Layout? { nil }
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField { ReceptiveField() }

  package func step(_ context: StepContext) -> any Step {
    SoftmaxStep(
      input: context.input.place, output: context.output.place, count: context.outputShape.elementCount)
  }
}
