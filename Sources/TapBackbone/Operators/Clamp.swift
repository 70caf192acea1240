// Activations that limit a value to a range: ReLU and ReLU6.

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
