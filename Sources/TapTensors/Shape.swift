// The extents of a dense array, with the overflow checks that sizes from files need.

/// The extents of a dense array, outermost first; every extent is at least 0.
///
/// Shapes of images and activations are logical: N, C, H, W, whatever the order in memory.
public struct Shape: Hashable, Sendable {
  /// The extent of each axis, the slowest first.
  public let extents: [Int]

  /// A shape that is known to be valid.
  ///
  /// - Precondition: no extent is negative and the product fits in `Int`. Use
  ///   ``init(validating:)`` for extents that come from a file.
  public init(_ extents: [Int]) {
    guard let checked = try? Shape(validating: extents) else {
      preconditionFailure("not a shape: \(extents)")
    }
    self = checked
  }

  /// A shape whose extents are external input.
  ///
  /// - Throws: ``ShapeError`` when an extent is negative or the number of elements overflows.
  public init(validating extents: [Int]) throws(ShapeError) {
    var product = 1
    for extent in extents {
      guard extent >= 0 else { throw .negativeExtent(extents) }
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw .elementCountOverflows(extents) }
      product = next
    }
    self.extents = extents
    self.elementCount = product
  }

  /// The product of the extents; 1 for a scalar.
  public let elementCount: Int

  /// The number of axes.
  public var rank: Int { extents.count }

  /// The extent of an axis.
  public subscript(axis: Int) -> Int { extents[axis] }
}

extension Shape: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Shape: CustomStringConvertible {
  public var description: String {
    "[" + extents.map(String.init).joined(separator: ", ") + "]"
  }
}

/// The reasons why external extents are not a shape.
public enum ShapeError: Error, Equatable, CustomStringConvertible {
  /// An axis with a negative extent.
  case negativeExtent([Int])
  /// More elements than an `Int` counts.
  case elementCountOverflows([Int])

  public var description: String {
    switch self {
    case .negativeExtent(let extents): "the shape \(extents) has a negative extent"
    case .elementCountOverflows(let extents): "the number of elements of shape \(extents) overflows"
    }
  }
}
