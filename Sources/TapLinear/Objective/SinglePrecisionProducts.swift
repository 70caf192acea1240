// Products in single precision for preconditioners.

import TapKernels
import TapTensors

extension MatrixView {
  /// Multiplies some rows, `[rows, columns]`, by this matrix. The matrix is square and has no gaps between its rows.
  func multiply(
    _ left: Span<Float>, rows count: Int, _ product: MatrixProduct, into result: inout MutableSpan<Float>
  ) {
    withElements { elements in
      product.multiply(
        ProductShape(rows: count, columns: columns, depth: rows), left, elements, into: &result)
    }
  }
}

/// The dot product Σ aⱼ bⱼ, computed in eight partial sums.
func dot(_ a: Span<Float>, _ b: Span<Float>) -> Float {
  precondition(a.count == b.count)
  var sums = (0 as Float, 0 as Float, 0 as Float, 0 as Float, 0 as Float, 0 as Float, 0 as Float, 0 as Float)
  let whole = a.count & ~7
  for j in stride(from: 0, to: whole, by: 8) {
    sums.0 += a[j] * b[j]
    sums.1 += a[j + 1] * b[j + 1]
    sums.2 += a[j + 2] * b[j + 2]
    sums.3 += a[j + 3] * b[j + 3]
    sums.4 += a[j + 4] * b[j + 4]
    sums.5 += a[j + 5] * b[j + 5]
    sums.6 += a[j + 6] * b[j + 6]
    sums.7 += a[j + 7] * b[j + 7]
  }
  var sum = (sums.0 + sums.1) + (sums.2 + sums.3) + ((sums.4 + sums.5) + (sums.6 + sums.7))
  for j in whole..<a.count { sum += a[j] * b[j] }
  return sum
}
