// The inverse of a factored matrix, by matrix products alone. Preconditioners use the inverse, because they are applied
// often.

import TapKernels

extension CholeskyFactor {
  /// A⁻¹ = L⁻ᵀ L⁻¹, `[order, order]`, computed from L⁻¹ in double precision.
  package func inverse<T: ProductElement>(product: MatrixProduct) -> [T] {
    let width = Self.width
    let diagonals = panels.enumerated().map { index, panel in
      Self.inverse(triangle: panel, width: min(width, order - index * width))
    }
    var lower = [T](repeating: 0, count: order * order)
    for (index, first) in stride(from: 0, to: order, by: width).enumerated() {
      // Columns first ..< first + count of L⁻¹, from row `first` down. Forward substitution finds them, one panel at a
      // time.
      let count = min(width, order - first)
      var columns = [Double](repeating: 0, count: (order - first) * count)
      for i in 0..<count { columns[i * count + i] = 1 }
      for step in index..<panels.count {
        let rows = min(width, order - step * width)
        let start = (step * width - first) * count
        let end = start + rows * count
        let (diagonal, panel) = (diagonals[step], panels[step])
        let right = Array(columns[start..<end])
        var solved = [Double](repeating: 0, count: rows * count)
        var span = solved.mutableSpan
        product.multiply(
          ProductShape(rows: rows, columns: count, depth: rows), diagonal.span, right.span, into: &span)
        columns.replaceSubrange(start..<end, with: solved)
        guard end < columns.count else { continue }
        let negated = solved.map { -$0 }
        var rest = Array(columns[end...])
        let below = rest.count / count
        var target = rest.mutableSpan
        product.multiply(
          ProductShape(rows: below, columns: count, depth: rows),
          panel.span.extracting((rows * rows)...), negated.span, into: &target, adding: true)
        columns.replaceSubrange(end..., with: rest)
      }
      for i in 0..<(order - first) {
        for j in 0..<count { lower[(first + i) * order + first + j] = T(columns[i * count + j]) }
      }
    }
    var result = [T](repeating: 0, count: order * order)
    var span = result.mutableSpan
    T.multiply(
      product, ProductShape(rows: order, columns: order, depth: order), lower.span, transposeA: true,
      lower.span, transposeB: false, into: &span, adding: false)
    return result
  }
}
