import TapComparison
import TapTensors
import Testing

/// The search finds the rows that a comparison of all pairs finds.
@Suite struct NearestRowsTests {
  @Test(arguments: [1, 3, 2000])
  func everyNeighborIsFound(count: Int) {
    let (rows, columns) = (1500, 6)
    var elements = (0..<rows * columns).map { Float(($0 * 7919) % 1013) / 500 - 1 }
    for column in 0..<columns {
      elements[7 * columns + column] = 0
      elements[900 * columns + column] = 2 * elements[11 * columns + column]
    }
    let matrix = MatrixView(rows: rows, columns: columns, elements: elements)
    let searched = (0..<rows).filter { $0 % 5 != 3 }
    let queries = matrix.gathered([11, 7, 3])
    let found = NearestRows.nearest(to: queries, in: matrix, rows: searched, count: count, threads: 2)
    #expect(found.count == 3)
    for (query, neighbors) in found.enumerated() {
      func cosine(_ row: Int) -> Double {
        var (product, a, b) = (0.0, 0.0, 0.0)
        for column in 0..<columns {
          let (x, y) = (Double(queries[query, column]), Double(matrix[row, column]))
          product += x * y
          a += x * x
          b += y * y
        }
        return a > 0 && b > 0 ? product / (a * b).squareRoot() : 0
      }
      let expected = searched.map(cosine).sorted(by: >).prefix(count)
      #expect(neighbors.count == min(count, searched.count))
      for (neighbor, expected) in zip(neighbors, expected) {
        #expect(abs(neighbor.cosine - expected) < 1e-12 && abs(cosine(neighbor.row) - expected) < 1e-12)
      }
      #expect(Set(neighbors.map(\.row)).count == neighbors.count)
    }
    // Row 900 has the direction of row 11, and equal cosines come in the order of the rows.
    #expect(found[0][0].row == 11 && (count == 1 || found[0][1].row == 900))
    #expect(found[1].map(\.row) == Array(searched.prefix(count)) && found[1].allSatisfy { $0.cosine == 0 })
  }
}
