// A value as a vector.

import TapTensors

/// Keeps the elements and their logical order, and makes them a vector.
package struct Flatten: DocumentedOperator {
  package static let documentKinds = ["flatten"]

  package init() {}
  package init(_ document: NodeReader) {}

  package var name: String { "flatten" }
  package var hashedText: String { "flatten" }
  package func outputShape(_ operands: [Shape]) -> Shape? { operands.single.map { [$0.elementCount] } }
  package func layout(output: Shape) -> Layout? { .channelsFirst }
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField { ReceptiveField() }
  package func step(_ context: StepContext) -> any Step { ElementwiseStep(.copy, context) }
}
