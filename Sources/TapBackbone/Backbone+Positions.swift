// The positions of the image behind a vector of features: the value before the pooling.

import TapProvenance
import TapTensors

/// A value with positions, and the pooling that turns the value into a column's vector.
package struct PositionedValue: Hashable, Sendable {
  /// The name of the value, of shape `[channels, height, width]`.
  package let name: String
  /// The pooling; never `none`.
  package let pooling: Pooling
  package let channels: Int
  package let height: Int
  package let width: Int

  init(_ name: String, _ pooling: Pooling, _ shape: Shape) {
    self.name = name
    self.pooling = pooling
    (channels, height, width) = (shape[0], shape[1], shape[2])
  }
}

extension Backbone {
  /// The value with positions that a column's vector is pooled from, at the size of the preprocessing.
  ///
  /// A column without a pooling taps a vector. If the network computes this vector by averaging a value over all
  /// positions, that value is the result, with the pooling `avg`. If the vector is a flattened value, that value is the
  /// result, with the pooling `flatten`.
  ///
  /// - Returns: nil if another operator stands between the positions and the vector, such as a fully connected layer.
  /// - Throws: ``BackboneError`` for an unknown layer.
  package func positions(of column: Column) throws(BackboneError) -> PositionedValue? {
    var name = try resolve(column.tap)
    let shapes = try shapes(upTo: name)
    func image(_ name: String) -> Shape? { shapes[name].flatMap { $0.rank == 3 ? $0 : nil } }
    if column.pooling != .none { return image(name).map { PositionedValue(name, column.pooling, $0) } }
    while let node = graph.node(producing: name), let input = node.inputs.first {
      if node.operation.averagesAllPositions {
        return image(input).map { PositionedValue(input, .avg, $0) }
      }
      guard node.operation.keepsElements else { return nil }
      if let shape = image(input), shape[1] * shape[2] > 1 { return PositionedValue(input, .flatten, shape) }
      name = input
    }
    return nil
  }
}

extension Operator {
  /// Whether the operator averages each channel over the whole image.
  fileprivate var averagesAllPositions: Bool {
    if let pooling = self as? AdaptiveAveragePooling { return pooling.height == 1 && pooling.width == 1 }
    return self is GlobalAveragePooling
  }

  /// Whether the operator only changes the shape, and keeps the logical order of the elements.
  fileprivate var keepsElements: Bool { self is Flatten || self is Reshape }
}
