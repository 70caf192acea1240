// The extents of a dense array. Extents from files are checked for overflow.

/// The extents of a dense array, from the outermost axis to the innermost. Every extent is at least 0.
///
/// Shapes of images and activations have the axes N, C, H, W in this order, also if the elements have another order in
/// memory.
public struct Shape: Hashable, Sendable {
  /// The extent of each axis. The first axis is the outermost.
  public let extents: [Int]

  /// A shape from extents that are known to be valid.
  ///
  /// - Precondition: no extent is negative and the product fits in `Int`. Use
  ///   ``init(validating:)`` for extents that come from a file.
  public init(_ extents: [Int]) {
    guard let checked = try? Shape(validating: extents) else {
      preconditionFailure("not a shape: \(extents)")
    }
    self = checked
  }

  /// A shape from extents that come from outside, such as from a file.
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

/// The reasons why extents from outside are not a shape.
public enum ShapeError: Error, Equatable, CustomStringConvertible {
  /// An axis with a negative extent.
  case negativeExtent([Int])
  /// The number of elements does not fit in an `Int`.
  case elementCountOverflows([Int])

  public var description: String {
    switch self {
    case .negativeExtent(let extents): "the shape \(extents) has a negative extent"
    case .elementCountOverflows(let extents): "the number of elements of shape \(extents) overflows"
    }
  }
}
