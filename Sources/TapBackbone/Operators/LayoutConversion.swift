// The conversion between the two orders in memory.

import TapTensors

/// The order in memory of the elements of a value of rank 3.
package enum Layout: String, Sendable {
  /// C, H, W: the order of PyTorch, of flatten and of the logical axes.
  case channelsFirst = "channelsFirst"
  /// H, W, C: the order that the kernels read.
  case channelsLast = "channelsLast"
}

/// A conversion that the lowering pass inserts; no architecture contains it, and no document.
package struct LayoutConversion: Operator {
  package let target: Layout

  package init(to target: Layout) { self.target = target }

  package var name: String { "layout conversion" }
  package var hashedText: String { "layout conversion" }
  package func outputShape(_ operands: [Shape]) -> Shape? { operands.single }
  package func layout(output: Shape) -> Layout? { nil }
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField { operands.samePixel }

  package func step(_ context: StepContext) -> any Step {
    TransposeStep(
      target: target, input: context.input.place, output: context.output.place, extent: context.from)
  }
}
