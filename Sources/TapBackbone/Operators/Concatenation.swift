// Values one after another along the channels.

import TapTensors

/// Joins the operands along the channels. All operands have the same height and width.
package struct Concatenation: DocumentedOperator {
  package static let documentKinds = ["concatenate"]

  package init() {}
  package init(_ document: NodeReader) {}

  package var name: String { "concatenate" }
  package var hashedText: String { "concatenate" }

  package func outputShape(_ operands: [Shape]) -> Shape? {
    guard let first = operands.first, [1, 3].contains(first.rank),
      operands.allSatisfy({ $0.extents.dropFirst() == first.extents.dropFirst() })
    else { return nil }
    return Shape([operands.reduce(0) { $0 + $1[0] }] + first.extents.dropFirst())
  }

  package func layout(output: Shape) -> Layout? { .channelsLast }
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField { operands.samePixel }

  package func step(_ context: StepContext) -> any Step {
    ConcatenationStep(
      parts: context.inputs.map { ($0.place, ActivationExtents($0.shape).channels) },
      output: context.output.place, to: context.to)
  }
}
