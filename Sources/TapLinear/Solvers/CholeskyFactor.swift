// The Cholesky factorization of a symmetric positive definite matrix, in panels of columns.

import TapKernels

/// The factor L with L Lᵀ = A, stored in panels. A panel holds 64 columns of L, row-major. The first row of a panel is
/// the row of the first diagonal element in its columns. With this layout, the update of one panel by another panel is
/// a matrix product of whole panels.
///
/// Source: the left-looking blocked algorithm, Golub and Van Loan, "Matrix Computations", 4th edition, section 4.2.
package struct CholeskyFactor {
  static let width = 64

  package let order: Int
  private(set) var panels: [[Double]] = []

  /// Factors A. Returns nil if a pivot is not above 0.
  ///
  /// - Parameter fill: writes the elements A[row, first..<first + count] to the span, from index `target` on, for count
  ///   ≤ 64.
  package init?(
    order: Int, product: MatrixProduct,
    fill: (_ row: Int, _ first: Int, _ count: Int, _ elements: inout MutableSpan<Double>, _ target: Int) ->
      Void
  ) {
    self.order = order
    for first in stride(from: 0, to: order, by: Self.width) {
      let width = min(Self.width, order - first)
      let rows = order - first
      var panel = [Double](repeating: 0, count: rows * width)
      var span = panel.mutableSpan
      for row in 0..<rows { fill(first + row, first, width, &span, row * width) }
      for (index, other) in panels.enumerated() {
        // The rows of the other panel, from the first row of this panel on. The right factor is the first `width` of
        // these rows, multiplied by -1.
        let start = (first - index * Self.width) * Self.width
        let right = other[start..<(start + width * Self.width)].map { -$0 }
        product.multiply(
          ProductShape(rows: rows, columns: width, depth: Self.width), other.span.extracting(start...),
          right.span, transposeB: true, into: &span, adding: true)
      }
      guard Self.factorTriangle(&span, width: width) else { return nil }
      Self.divide(&panel, rows: rows, width: width, product: product)
      panels.append(panel)
    }
  }

  /// Factors the triangle in the first `width` rows of a panel. Returns false if a pivot is not above 0.
  private static func factorTriangle(_ panel: inout MutableSpan<Double>, width: Int) -> Bool {
    var column = [Double](repeating: 0, count: width)
    for k in 0..<width {
      let pivot = panel[k * width + k]
      guard pivot > 0, pivot.isFinite else { return false }
      let root = pivot.squareRoot()
      panel[k * width + k] = root
      for i in (k + 1)..<max(k + 1, width) {
        column[i] = panel[i * width + k] / root
        panel[i * width + k] = column[i]
      }
      for i in (k + 1)..<max(k + 1, width) {
        var row = panel._mutatingExtracting((i * width + k + 1)..<(i * width + i + 1))
        subtract(column[i], column.span.extracting((k + 1)..<(i + 1)), from: &row)
      }
    }
    return true
  }

  /// Replaces y by y - factor · x.
  @inline(__always)
  private static func subtract(_ factor: Double, _ x: Span<Double>, from y: inout MutableSpan<Double>) {
    precondition(x.count == y.count)
    for i in x.indices { y[i] -= factor * x[i] }
  }

  /// Solves X Tᵀ = A for the rows A below a panel's triangle T, by a product with the inverse of T.
  private static func divide(_ panel: inout [Double], rows: Int, width: Int, product: MatrixProduct) {
    guard rows > width else { return }
    let inverse = inverse(triangle: panel, width: width)
    let rest = Array(panel[(width * width)...])
    var quotient = [Double](repeating: 0, count: rest.count)
    var span = quotient.mutableSpan
    product.multiply(
      ProductShape(rows: rows - width, columns: width, depth: width), rest.span, inverse.span,
      transposeB: true, into: &span)
    panel.replaceSubrange((width * width)..., with: quotient)
  }

  /// The inverse of the lower triangle in the first `width` rows of a panel, `[width, width]`, row-major.
  static func inverse(triangle panel: [Double], width: Int) -> [Double] {
    var inverse = [Double](repeating: 0, count: width * width)
    var row = [Double](repeating: 0, count: width)
    for i in 0..<width {
      for j in 0..<i { row[j] = 0 }
      row[i] = 1
      for k in 0..<i {
        let above = inverse.span.extracting((k * width)..<(k * width + k + 1))
        var span = row.mutableSpan
        var target = span._mutatingExtracting(0..<(k + 1))
        subtract(panel[i * width + k], above, from: &target)
      }
      for j in 0...i { inverse[i * width + j] = row[j] / panel[i * width + i] }
    }
    return inverse
  }

  /// Returns A⁻¹ x.
  package func solve(_ x: [Double]) -> [Double] { solveTransposed(solveLower(x)) }

  /// L, `[order, order]`, row-major.
  package var lower: [Double] {
    var result = [Double](repeating: 0, count: order * order)
    for (index, panel) in panels.enumerated() {
      let first = index * Self.width
      let width = min(Self.width, order - first)
      for i in 0..<(order - first) {
        for j in 0..<min(i + 1, width) { result[(first + i) * order + first + j] = panel[i * width + j] }
      }
    }
    return result
  }

  /// Returns L⁻¹ x.
  package func solveLower(_ x: [Double]) -> [Double] {
    precondition(x.count == order)
    var y = x
    for (index, panel) in panels.enumerated() {
      let first = index * Self.width
      let width = min(Self.width, order - first)
      for i in 0..<(order - first) {
        var sum = y[first + i]
        for k in 0..<min(i, width) { sum -= panel[i * width + k] * y[first + k] }
        y[first + i] = i < width ? sum / panel[i * width + i] : sum
      }
    }
    return y
  }

  /// Returns L⁻ᵀ x.
  package func solveTransposed(_ x: [Double]) -> [Double] {
    precondition(x.count == order)
    var y = x
    for (index, panel) in panels.enumerated().reversed() {
      let first = index * Self.width
      let width = min(Self.width, order - first)
      for i in stride(from: order - first - 1, through: width, by: -1) {
        let value = y[first + i]
        for k in 0..<width { y[first + k] -= panel[i * width + k] * value }
      }
      for i in stride(from: width - 1, through: 0, by: -1) {
        y[first + i] /= panel[i * width + i]
        let value = y[first + i]
        for k in 0..<i { y[first + k] -= panel[i * width + k] * value }
      }
    }
    return y
  }
}
