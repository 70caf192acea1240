// The value of a named weight: a shape and float32 elements in row-major order.

/// A shape and float32 elements in row-major order.
package struct Tensor: Hashable, Sendable {
  /// The extent of each axis.
  package let shape: Shape
  /// The elements in row-major order.
  ///
  /// - Precondition: the tensor has elements, not only a shape.
  package var elements: [Float] {
    guard let stored else { preconditionFailure("only the shape \(shape) of this tensor is known") }
    return stored
  }

  /// The elements; nil if only the shape is known.
  private let stored: [Float]?

  /// - Precondition: `elements.count == shape.elementCount`.
  package init(shape: Shape, elements: [Float]) {
    precondition(
      elements.count == shape.elementCount,
      "\(elements.count) elements do not fill the shape \(shape)")
    self.shape = shape
    self.stored = elements
  }

  /// A tensor of a network of which only the structure is known. The tensor takes no memory for elements, and nothing
  /// can be computed with it.
  package init(withoutElements shape: Shape) {
    self.shape = shape
    stored = nil
  }

  /// A tensor with the same elements in the same order, and with another shape.
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
