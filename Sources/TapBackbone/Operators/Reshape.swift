// A value with other axes.

import TapFormats
import TapTensors

/// Keeps the elements and their logical order, and gives them another shape.
package struct Reshape: DocumentedOperator {
  package static let documentKinds = ["reshape"]

  package let shape: Shape

  package init(_ shape: Shape) { self.shape = shape }

  package init(_ document: NodeReader) throws(GraphDocumentError) {
    let extents = document["shape"]?.arrayValue?.compactMap(\.intValue) ?? []
    guard !extents.isEmpty, extents.count == document["shape"]?.arrayValue?.count,
      extents.allSatisfy({ $0 > 0 }), let shape = try? Shape(validating: extents)
    else { throw document.error("'shape' must be a list of integers above 0") }
    self.init(shape)
  }

  package func write(to document: inout NodeWriter) {
    document["shape"] = .array(shape.extents.map(JSONValue.integer))
  }

  package var name: String { "reshape" }
  package var hashedText: String { "reshape " + shape.hashedText }

  package func outputShape(_ operands: [Shape]) -> Shape? {
    operands.single?.elementCount == shape.elementCount ? shape : nil
  }

  package func layout(output: Shape) -> Layout? { .channelsFirst }
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField { operands.wholeImage }
  package func step(_ context: StepContext) -> any Step { ElementwiseStep(.copy, context) }
}
