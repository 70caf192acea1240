// A bound on the cosine of two rows from a few numbers for each row.

import TapKernels
import TapLinear
import TapTensors

/// Rows of the length 1 in short form: their coordinates p in a few orthonormal directions, and the length r of the
/// rest.
///
/// For two rows x and y with the coordinates p and q,
/// ```
/// xᵀy ≤ pᵀq + r_x r_y
/// ```
/// whatever the directions are. The bound is close if the directions hold most of the rows' length. They come from
/// three steps of subspace iteration on some of the rows.
///
/// Source: Halko, Martinsson and Tropp, "Finding structure with randomness" (2011), algorithm 4.4.
struct LeadingDirections: Sendable {
  /// The number of directions.
  static let count = 64
  /// The number of values of a row: its coordinates and the length of its rest.
  static let width = count + 1
  /// The largest error of a bound that is computed in single precision.
  static let slack: Float = 1e-5
  private static let sampleCount = 2048
  private static let steps = 3

  /// The directions, `[count, columns]`.
  private let axes: [Double]
  private let columns: Int
  private let product: MatrixProduct

  /// - Parameter rows: the rows to describe, at least ``count``. The features have at least ``count`` columns.
  init(_ features: MatrixView, rows: [Int], product: MatrixProduct) {
    let columns = features.columns
    let step = max(1, rows.count / Self.sampleCount)
    let sample = stride(from: 0, to: rows.count, by: step).map { rows[$0] }
    let unit = Self.unitRows(features, sample)
    var numbers = SeededGenerator(seed: 0)
    var axes = (0..<(Self.count * columns)).map { _ in Double(numbers.next(below: 2001)) - 1000 }
    for _ in 0..<Self.steps {
      Self.orthonormalize(&axes, columns: columns)
      var coordinates = [Double](repeating: 0, count: sample.count * Self.count)
      var span = coordinates.mutableSpan
      product.multiply(
        ProductShape(rows: sample.count, columns: Self.count, depth: columns), unit.span, axes.span,
        transposeB: true, into: &span)
      var target = axes.mutableSpan
      product.multiply(
        ProductShape(rows: Self.count, columns: columns, depth: sample.count), coordinates.span,
        transposeA: true, unit.span, into: &target)
    }
    Self.orthonormalize(&axes, columns: columns)
    self.axes = axes
    self.columns = columns
    self.product = product
  }

  /// The rows divided by their norms. A row that is not finite becomes zeros.
  private static func unitRows(_ features: MatrixView, _ rows: [Int]) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(rows.count * features.columns)
    for row in rows {
      features.withRow(row) { values in
        let inverse = RowNormalization.inverseNorm(values)
        let factor = inverse > 0 ? inverse : 0
        for j in values.indices { result.append(factor > 0 ? factor * Double(values[j]) : 0) }
      }
    }
    return result
  }

  /// Gram and Schmidt's method, applied twice to each row. A row that the earlier rows span becomes zeros.
  private static func orthonormalize(_ axes: inout [Double], columns: Int) {
    for row in 0..<count {
      let range = (row * columns)..<((row + 1) * columns)
      var vector = Array(axes[range])
      let before = vector.reduce(0) { $0 + $1 * $1 }
      for _ in 0..<2 {
        for other in 0..<row {
          var inner = 0.0
          for j in 0..<columns { inner += axes[other * columns + j] * vector[j] }
          for j in 0..<columns { vector[j] -= inner * axes[other * columns + j] }
        }
      }
      let square = vector.reduce(0) { $0 + $1 * $1 }
      let factor = square > 1e-20 * before && square > 0 ? 1 / square.squareRoot() : 0
      axes.replaceSubrange(range, with: vector.map { $0 * factor })
    }
  }

  /// The short form of some rows, `[rows.count, width]`.
  func shortened(_ features: MatrixView, _ rows: [Int]) -> [Float] {
    let unit = Self.unitRows(features, rows)
    var coordinates = [Double](repeating: 0, count: rows.count * Self.count)
    var span = coordinates.mutableSpan
    product.multiply(
      ProductShape(rows: rows.count, columns: Self.count, depth: columns), unit.span, axes.span,
      transposeB: true, into: &span)
    var result: [Float] = []
    result.reserveCapacity(rows.count * Self.width)
    for row in 0..<rows.count {
      var square = 0.0
      for k in 0..<Self.count {
        let value = coordinates[row * Self.count + k]
        result.append(Float(value))
        square += value * value
      }
      // The addend exceeds the rounding error of the coordinates, so that the rest is never too short.
      result.append(Float((max(0, 1 - square) + 1e-6).squareRoot()))
    }
    return result
  }
}
