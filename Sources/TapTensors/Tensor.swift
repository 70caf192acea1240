// A named weight's value: float32 elements in row-major order with their shape.

/// Float32 elements in row-major order.
package struct Tensor: Hashable, Sendable {
  /// The extent of each axis.
  package let shape: Shape
  /// Row-major.
  ///
  /// - Precondition: the tensor has elements, not only a shape.
  package var elements: [Float] {
    guard let stored else { preconditionFailure("only the shape \(shape) of this tensor is known") }
    return stored
  }

  /// Nil if only the shape is known.
  private let stored: [Float]?

  /// - Precondition: `elements.count == shape.elementCount`.
  package init(shape: Shape, elements: [Float]) {
    precondition(
      elements.count == shape.elementCount,
      "\(elements.count) elements do not fill the shape \(shape)")
    self.shape = shape
    self.stored = elements
  }

  /// A tensor of a network that is only described: it takes no memory, and nothing can be computed with it.
  package init(withoutElements shape: Shape) {
    self.shape = shape
    stored = nil
  }

  /// The same elements in the same order under another shape.
  ///
  /// - Precondition: both shapes have the same number of elements.
  package func reshaped(to shape: Shape) -> Tensor {
    guard let stored else {
      precondition(shape.elementCount == self.shape.elementCount, "\(self.shape) as \(shape)")
      return Tensor(withoutElements: shape)
    }
    return Tensor(shape: shape, elements: stored)
  }
}
