// Pooling over the whole image.

import TapTensors

/// The mean of each channel over the image.
package struct GlobalAveragePooling: DocumentedOperator {
  package static let documentKinds = ["globalAveragePool"]

  package init() {}
  package init(_ document: NodeReader) {}

  package var name: String { "global average pool" }
  package var hashedText: String { "global average pool" }

  package func outputShape(_ operands: [Shape]) -> Shape? {
    operands.single.flatMap { $0.rank == 3 ? [$0[0]] : nil }
  }

  package func layout(output: Shape) -> Layout? { .channelsLast }
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField { ReceptiveField() }

  package func step(_ context: StepContext) -> any Step {
    GlobalAverageStep(input: context.input.place, output: context.output.place, from: context.from)
  }
}
