// The images whose features are nearest to those of other images, found by comparing with every row.

import TapKernels
import TapTensors

/// A row and its cosine with a query.
package struct Neighbor: Hashable, Sendable {
  /// The row of the matrix.
  package let row: Int
  /// The cosine of the two vectors of features, from -1 to 1; 0 for a vector of zeros.
  package let cosine: Double
}

/// Exact search for rows with the largest cosine.
package enum NearestRows {
  private static let blockRows = 512

  /// The nearest rows of each query, the nearest first. Rows with equal cosines are in the order of `rows`.
  ///
  /// The products are in double precision. Every row is compared with every query: `2 · rows · queries · dimensions`
  /// operations.
  ///
  /// - Parameters:
  ///   - queries: `[queries, dimensions]`.
  ///   - matrix: `[rows of the matrix, dimensions]`.
  ///   - rows: the rows of the matrix that are compared.
  ///   - count: the number of rows to return for each query, at least 1. If there are fewer rows, all are returned.
  package static func nearest(
    to queries: MatrixView, in matrix: MatrixView, rows: [Int], count: Int, threads: Int
  ) -> [[Neighbor]] {
    precondition(queries.columns == matrix.columns && count >= 1, "\(queries.columns) and \(matrix.columns) columns")
    let units = units(queries, Array(0..<queries.rows))
    let blocks = BlockProducts.blocks(rows.count, of: blockRows)
    let found = BlockProducts.results(count: blocks.count, threads: threads) { index in
      let block = Array(rows[blocks[index]])
      var cosines = [Double](repeating: 0, count: queries.rows * block.count)
      var span = cosines.mutableSpan
      MatrixProduct.openBLAS.multiply(
        ProductShape(rows: queries.rows, columns: block.count, depth: queries.columns), units.span,
        Self.units(matrix, block).span, transposeB: true, into: &span)
      return (0..<queries.rows).map { query in
        let neighbors = block.indices.map {
          Neighbor(row: block[$0], cosine: min(1, max(-1, cosines[query * block.count + $0])))
        }
        return best(neighbors, count)
      }
    }
    return (0..<queries.rows).map { query in best(found.flatMap { $0[query] }, count) }
  }

  /// The first `count` neighbors by cosine. The sort is stable.
  private static func best(_ neighbors: [Neighbor], _ count: Int) -> [Neighbor] {
    let order = neighbors.indices.sorted {
      (neighbors[$1].cosine, $0) < (neighbors[$0].cosine, $1)
    }
    return order.prefix(count).map { neighbors[$0] }
  }

  /// Rows with length 1. A row of zeros stays a row of zeros.
  private static func units(_ matrix: MatrixView, _ rows: [Int]) -> [Double] {
    var units: [Double] = []
    units.reserveCapacity(rows.count * matrix.columns)
    for row in rows {
      let values = matrix.row(row)
      var square = 0.0
      for column in values.indices { square += Double(values[column]) * Double(values[column]) }
      let scale = square > 0 ? 1 / square.squareRoot() : 0
      for column in values.indices { units.append(Double(values[column]) * scale) }
    }
    return units
  }
}
