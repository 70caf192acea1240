// The features as a solver sees them: chosen rows, scaled, a block at a time. The matrix itself is never copied;
// a block small enough for the cache is scaled into scratch memory and multiplied while it is warm.

import TapKernels
import TapTensors

/// Rows of a feature matrix in a chosen order, scaled: `F: [count, columns]`, Fᵢⱼ = (Xᵢⱼ - offsetⱼ) / scaleⱼ.
package struct DesignMatrix: Sendable {
  package let features: MatrixView
  /// Row indices into `features`; nil for all rows in order.
  package let rows: [Int]?
  package let scaler: FeatureScaler

  private let inverse: [Double]
  private let offset32: [Float]
  private let inverse32: [Float]

  package init(features: MatrixView, rows: [Int]? = nil, scaler: FeatureScaler) {
    precondition(scaler.scale.count == features.columns, "a scaler of other columns")
    self.features = features
    self.rows = rows
    self.scaler = scaler
    self.inverse = scaler.scale.map { 1 / $0 }
    self.offset32 = scaler.offset.map { Float($0) }
    self.inverse32 = inverse.map { Float($0) }
  }

  package var count: Int { rows?.count ?? features.rows }
  package var columns: Int { features.columns }

  /// Writes rows `range` of F into the front of `block`, in double precision.
  package func fill(_ block: inout MutableSpan<Double>, rows range: Range<Int>) {
    for position in range { fill(&block, row: position, at: (position - range.lowerBound) * columns) }
  }

  /// Writes one row of F at an offset of `block`, in double precision.
  func fill(_ block: inout MutableSpan<Double>, row position: Int, at target: Int) {
    features.withRow(rows?[position] ?? position) { values in
      scaleRow(values, offset.span, inverse.span, into: &block, at: target)
    }
  }

  /// The same in single precision, the offset subtracted in single precision too: for Hessian products only.
  package func fill(_ block: inout MutableSpan<Float>, rows range: Range<Int>) {
    for position in range {
      let target = (position - range.lowerBound) * columns
      features.withRow(rows?[position] ?? position) { values in
        scaleRow(values, offset32.span, inverse32.span, into: &block, at: target)
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
