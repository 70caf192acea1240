// Activations that limit a value to a range: ReLU and ReLU6.

import TapFormats
import TapTensors

/// `y = min(max(x, minimum), maximum)`; a NaN stays a NaN.
package struct Clamp: Sendable, Hashable {
  package let minimum: Float
  package let maximum: Float

  package init(minimum: Float, maximum: Float) {
    self.minimum = minimum
    self.maximum = maximum
  }

  package static let relu = Clamp(minimum: 0, maximum: .infinity)
  package static let relu6 = Clamp(minimum: 0, maximum: 6)
  static let none = Clamp(minimum: -.infinity, maximum: .infinity)
}

extension Clamp: DocumentedOperator {
  package static let documentKinds = ["clamp"]

  package init(_ document: NodeReader) throws(GraphDocumentError) {
    func bound(_ name: String, _ absent: Float) throws(GraphDocumentError) -> Float {
      guard let value = document[name] else { return absent }
      guard let number = value.doubleValue, Float(number).isFinite else {
        throw document.error("'\(name)' must be a finite number")
      }
      return Float(number)
    }
    self.init(minimum: try bound("minimum", -.infinity), maximum: try bound("maximum", .infinity))
    guard minimum <= maximum else { throw document.error("its minimum is above its maximum") }
  }

  package func write(to document: inout NodeWriter) {
    if minimum.isFinite { document["minimum"] = .number(Double(minimum)) }
    if maximum.isFinite { document["maximum"] = .number(Double(maximum)) }
  }

  /// A bound that does not limit anything is left out of documents.
  package var isStorable: Bool { minimum < .infinity && maximum > -.infinity }

  package var name: String { "clamp" }
  package var hashedText: String {
    "clamp " + ShortestDecimal.text(minimum) + " " + ShortestDecimal.text(maximum)
  }

  package func outputShape(_ operands: [Shape]) -> Shape? { operands.single }
  package func layout(output: Shape) -> Layout? { nil }
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField { operands.samePixel }
  package func step(_ context: StepContext) -> any Step { ElementwiseStep(.clamp(self), context) }
}
