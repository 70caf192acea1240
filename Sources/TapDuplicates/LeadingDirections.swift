// A few orthonormal directions that hold most of the length of rows.

import TapKernels
import TapLinear
import TapTensors

/// Orthonormal directions that hold most of the length of rows, the ones that hold more first.
///
/// They come from three steps of subspace iteration on some of the rows. The first k directions are those that the
/// iteration with k directions gives.
///
/// Source: Halko, Martinsson and Tropp, "Finding structure with randomness" (2011), algorithm 4.4.
struct LeadingDirections: Sendable {
  /// The number of directions. If the rows span fewer, some directions are zeros.
  let count: Int
  /// The directions, `[count, columns]`.
  private let axes: [Double]
  private let columns: Int
  private let product: MatrixProduct

  private static let rowsForEach = 32
  private static let steps = 3
  private static let blockCount = 64

  /// - Parameter rows: the rows to describe, at least one.
  init(_ features: MatrixView, rows: [Int], count: Int, product: MatrixProduct) {
    let columns = features.columns
    let step = max(1, rows.count / (count * Self.rowsForEach))
    let sample = stride(from: 0, to: rows.count, by: step).map { rows[$0] }
    let unit = features.unitRows(sample)
    var numbers = SeededGenerator(seed: 0)
    var axes = (0..<(count * columns)).map { _ in Double(numbers.next(below: 2001)) - 1000 }
    for _ in 0..<Self.steps {
      Self.orthonormalize(&axes, columns: columns, product)
      var coordinates = [Double](repeating: 0, count: sample.count * count)
      var span = coordinates.mutableSpan
      product.multiply(
        ProductShape(rows: sample.count, columns: count, depth: columns), unit.span, axes.span,
        transposeB: true, into: &span)
      var target = axes.mutableSpan
      product.multiply(
        ProductShape(rows: count, columns: columns, depth: sample.count), coordinates.span,
        transposeA: true, unit.span, into: &target)
    }
    Self.orthonormalize(&axes, columns: columns, product)
    self.count = count
    self.axes = axes
    self.columns = columns
    self.product = product
  }

  /// The coordinates of rows of the length 1, `[n, count]`.
  ///
  /// - Parameter unit: the rows, `[n, columns]`.
  func coordinates(_ unit: [Double]) -> [Double] {
    Self.products(of: unit, with: axes, count: count, columns: columns, product)
  }

  /// The inner products of rows with the first `count` axes, `[n, count]`.
  private static func products(
    of rows: [Double], with axes: [Double], count: Int, columns: Int, _ product: MatrixProduct
  ) -> [Double] {
    let n = rows.count / columns
    var result = [Double](repeating: 0, count: n * count)
    var span = result.mutableSpan
    product.multiply(
      ProductShape(rows: n, columns: count, depth: columns), rows.span, axes.span, transposeB: true,
      into: &span)
    return result
  }

  /// Gram and Schmidt's method, by blocks of rows. A row that the earlier rows span becomes zeros.
  private static func orthonormalize(_ axes: inout [Double], columns: Int, _ product: MatrixProduct) {
    let count = axes.count / columns
    for start in stride(from: 0, to: count, by: blockCount) {
      let end = min(start + blockCount, count)
      var block = Array(axes[(start * columns)..<(end * columns)])
      // The second round removes what the rounding errors of the first one left.
      for _ in 0..<2 {
        let squares = (0..<(end - start)).map { row in
          block[(row * columns)..<((row + 1) * columns)].reduce(0) { $0 + $1 * $1 }
        }
        if start > 0 { subtractProjection(of: &block, on: axes, count: start, columns: columns, product) }
        for row in squares.indices {
          normalize(&block, row: row, columns: columns, isZero: { $0 <= 1e-20 * squares[row] })
        }
      }
      axes.replaceSubrange((start * columns)..<(end * columns), with: block)
    }
  }

  /// Makes the rows of a block orthogonal to the first `count` axes.
  private static func subtractProjection(
    of block: inout [Double], on axes: [Double], count: Int, columns: Int, _ product: MatrixProduct
  ) {
    let rows = block.count / columns
    let inner = products(of: block, with: axes, count: count, columns: columns, product).map { -$0 }
    var target = block.mutableSpan
    product.multiply(
      ProductShape(rows: rows, columns: columns, depth: count), inner.span, axes.span, into: &target,
      adding: true)
  }

  /// Makes a row of a block orthogonal to the earlier rows and gives it the length 1.
  ///
  /// - Parameter isZero: whether a row with this sum of squares counts as spanned by other rows.
  private static func normalize(_ block: inout [Double], row: Int, columns: Int, isZero: (Double) -> Bool) {
    let range = (row * columns)..<((row + 1) * columns)
    var vector = Array(block[range])
    for other in 0..<row {
      var inner = 0.0
      for j in 0..<columns { inner += block[other * columns + j] * vector[j] }
      for j in 0..<columns { vector[j] -= inner * block[other * columns + j] }
    }
    let square = vector.reduce(0) { $0 + $1 * $1 }
    let factor = isZero(square) ? 0 : 1 / square.squareRoot()
    block.replaceSubrange(range, with: vector.map { $0 * factor })
  }
}

extension MatrixView {
  /// Some rows, each divided by its norm. A row that is not finite becomes zeros.
  func unitRows(_ rows: [Int]) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(rows.count * columns)
    for row in rows {
      withRow(row) { values in
        let inverse = RowNormalization.inverseNorm(values)
        for j in values.indices { result.append(inverse > 0 ? inverse * Double(values[j]) : 0) }
      }
    }
    return result
  }
}
