// The features as a solver sees them: chosen rows, scaled, a block at a time. The matrix itself is never copied;
// a block small enough for the cache is scaled into scratch memory and multiplied while it is warm.

import TapKernels
import TapTensors

/// Rows of a feature matrix in a chosen order, scaled: `F: [count, columns]`, Fᵢⱼ = (Xᵢⱼ - offsetⱼ) / scaleⱼ. Or values in
/// double precision, as they are.
package struct DesignMatrix: Sendable {
  private enum Source {
    /// Row indices into the features; nil for all rows in order.
    case features(MatrixView, rows: [Int]?)
    /// `[count, columns]`.
    case values([Double], count: Int)
  }

  package let scaler: FeatureScaler
  private let source: Source
  private let inverse: [Double]
  private let offset32: [Float]
  private let inverse32: [Float]

  package init(features: MatrixView, rows: [Int]? = nil, scaler: FeatureScaler) {
    precondition(scaler.scale.count == features.columns, "a scaler of other columns")
    self.init(.features(features, rows: rows), scaler)
  }

  /// A design of given values, `[count, columns]`, not scaled.
  package init(values: [Double], count: Int, columns: Int) {
    precondition(values.count == count * columns, "\(values.count) values are not \(count) x \(columns)")
    self.init(.values(values, count: count), .identity(columns: columns))
  }

  private init(_ source: Source, _ scaler: FeatureScaler) {
    self.source = source
    self.scaler = scaler
    self.inverse = scaler.scale.map { 1 / $0 }
    self.offset32 = scaler.offset.map { Float($0) }
    self.inverse32 = inverse.map { Float($0) }
  }

  /// The unscaled features; nil for given values.
  package var features: MatrixView? {
    if case .features(let features, _) = source { features } else { nil }
  }

  package var count: Int {
    switch source {
    case .features(let features, let rows): rows?.count ?? features.rows
    case .values(_, let count): count
    }
  }

  package var columns: Int { scaler.scale.count }

  /// A row's unscaled features.
  ///
  /// - Precondition: the design is of features.
  @inline(__always)
  func withFeatures<Result>(_ position: Int, _ body: (Span<Float>) -> Result) -> Result {
    guard case .features(let features, let rows) = source else { preconditionFailure("a design of values") }
    return features.withRow(rows?[position] ?? position, body)
  }

  /// Writes rows `range` of F into the front of `block`, in double precision.
  package func fill(_ block: inout MutableSpan<Double>, rows range: Range<Int>) {
    for position in range { fill(&block, row: position, at: (position - range.lowerBound) * columns) }
  }

  /// Writes one row of F at an offset of `block`, in double precision.
  func fill(_ block: inout MutableSpan<Double>, row position: Int, at target: Int) {
    switch source {
    case .features(let features, let rows):
      features.withRow(rows?[position] ?? position) { values in
        scaleRow(values, offset.span, inverse.span, into: &block, at: target)
      }
    case .values(let values, _):
      for j in 0..<columns { block[target + j] = values[position * columns + j] }
    }
  }

  /// The same in single precision, the offset subtracted in single precision too: for Hessian products only.
  package func fill(_ block: inout MutableSpan<Float>, rows range: Range<Int>) {
    for position in range {
      let target = (position - range.lowerBound) * columns
      switch source {
      case .features(let features, let rows):
        features.withRow(rows?[position] ?? position) { values in
          scaleRow(values, offset32.span, inverse32.span, into: &block, at: target)
        }
      case .values(let values, _):
        for j in 0..<columns { block[target + j] = Float(values[position * columns + j]) }
      }
    }
  }

  private var offset: [Double] { scaler.offset }
}

@inline(__always)
private func scaleRow<T: MatrixElement>(
  _ values: Span<Float>, _ offset: Span<T>, _ inverse: Span<T>, into block: inout MutableSpan<T>,
  at target: Int
) {
  let count = values.count
  precondition(offset.count == count && inverse.count == count && target + count <= block.count)
  for j in 0..<count { block[target + j] = (T(values[j]) - offset[j]) * inverse[j] }
}

/// An element type in which ``DesignMatrix`` gives its blocks.
package protocol DesignElement: MatrixElement {
  static func fill(_ block: inout MutableSpan<Self>, from design: DesignMatrix, rows: Range<Int>)
}

extension Float: DesignElement {
  package static func fill(_ block: inout MutableSpan<Float>, from design: DesignMatrix, rows: Range<Int>) {
    design.fill(&block, rows: rows)
  }
}

extension Double: DesignElement {
  package static func fill(_ block: inout MutableSpan<Double>, from design: DesignMatrix, rows: Range<Int>) {
    design.fill(&block, rows: rows)
  }
}
