// The division of rows by their Euclidean norms.

import TapTensors

/// The division of rows by their Euclidean norms.
package enum RowNormalization {
  /// 1 / ‖x‖₂ in double precision, where it cannot overflow. It is 1 for a row of zeros, which stays zero. It is NaN
  /// for a row with a NaN, and 0 for a row with an infinite value.
  package static func inverseNorm(_ row: Span<Float>) -> Double {
    var sums = SIMD4<Double>()
    var j = 0
    while j + 4 <= row.count {
      let x = SIMD4<Double>(SIMD4(row[j], row[j + 1], row[j + 2], row[j + 3]))
      sums += x * x
      j += 4
    }
    var sum = sums.sum()
    while j < row.count {
      sum += Double(row[j]) * Double(row[j])
      j += 1
    }
    return sum == 0 ? 1 : 1 / sum.squareRoot()
  }
}

extension MatrixView {
  /// A copy of some rows, each divided by its norm, in single precision.
  ///
  /// - Parameters:
  ///   - rows: the rows to copy; nil means all rows.
  ///   - keepsPlaces: if true, a row keeps its index, and rows that are not copied become zeros. If false, the copy has
  ///     the rows in the given order.
  /// - Throws: ``LinearModelError/notFinite(row:column:value:)`` if a row has a value that is not finite.
  package func normalized(rows: [Int]?, keepsPlaces: Bool) throws(LinearModelError) -> MatrixView {
    let count = rows?.count ?? self.rows
    let columns = columns
    var bad: Int?
    let copy = MatrixView(rows: keepsPlaces ? self.rows : count, columns: columns) { elements in
      for position in 0..<count {
        let row = rows?[position] ?? position
        let start = (keepsPlaces ? row : position) * columns
        withRow(row) { values in
          let factor = RowNormalization.inverseNorm(values)
          if !(factor > 0) { bad = bad ?? row }
          for j in values.indices { elements[start + j] = Float(factor * Double(values[j])) }
        }
      }
    }
    if let bad { throw firstNotFinite(row: bad) }
    return copy
  }
}
