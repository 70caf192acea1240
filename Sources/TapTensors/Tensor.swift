// A named weight's value: float32 elements in row-major order with their shape.

/// Float32 elements in row-major order.
public struct Tensor: Hashable, Sendable {
  /// The extent of each axis.
  public let shape: Shape
  /// Row-major.
  public let elements: [Float]

  /// - Precondition: `elements.count == shape.elementCount`.
  public init(shape: Shape, elements: [Float]) {
    precondition(
      elements.count == shape.elementCount,
      "\(elements.count) elements do not fill the shape \(shape)")
    self.shape = shape
    self.elements = elements
  }
}
