// The search for pairs finds the pairs that a comparison of all rows finds.

import TapDuplicates
import TapTensors
import TestSupport
import Testing

struct SimilarPairsTests {
  static func cosine(_ matrix: MatrixView, _ a: Int, _ b: Int) -> Double {
    var (aa, bb, ab) = (0.0, 0.0, 0.0)
    for j in 0..<matrix.columns {
      let (x, y) = (Double(matrix[a, j]), Double(matrix[b, j]))
      aa += x * x
      bb += y * y
      ab += x * y
    }
    return aa > 0 && bb > 0 ? ab / (aa.squareRoot() * bb.squareRoot()) : 0
  }

  /// Random rows. Every twentieth row is close to an earlier row; one row is 0, and rows have different norms.
  static func matrix(_ count: Int, columns: Int) -> MatrixView {
    var numbers = XorShift(seed: 9)
    var rows: [[Float]] = []
    for index in 0..<count {
      if index == 30 {
        rows.append([Float](repeating: 0, count: columns))
      } else if index % 20 == 19 {
        let source = rows[index * index % 101 % index]
        let step = 0.05 + 0.3 * numbers.uniform()
        rows.append(source.map { Float(3.5 * (Double($0) + step * numbers.normal())) })
      } else {
        rows.append((0..<columns).map { _ in Float(numbers.normal()) })
      }
    }
    return MatrixView(rows: count, columns: columns, elements: rows.flatMap(\.self))
  }

  @Test(arguments: [1, 2, 40, 1025, 2100], [0.97, 0.999])
  func findsWhatBruteForceFinds(count: Int, threshold: Double) {
    let matrix = Self.matrix(count, columns: 24)
    let rows = Array((0..<count).reversed())
    let found = SimilarPairs(matrix, rows: rows, threshold: threshold, threads: 2)
    var expected: [[Int]] = []
    for first in 0..<count {
      for second in (first + 1)..<max(count, first + 1)
      where Self.cosine(matrix, rows[first], rows[second]) >= threshold {
        expected.append([first, second])
      }
    }
    #expect(found.pairs.map { [$0.first, $0.second] } == expected && found.stoppedAt == nil)
    #expect(count < 1000 || threshold > 0.98 || expected.count > 10)
    for pair in found.pairs {
      #expect(abs(pair.cosine - Self.cosine(matrix, rows[pair.first], rows[pair.second])) < 1e-12)
    }
  }

  /// With many rows of many columns, most pairs are discarded by a bound. Rows close to few directions have a tight
  /// bound; the others have a loose one.
  @Test(arguments: [0.03, 0.6])
  func theBoundMissesNothing(noise: Double) {
    let (count, columns) = (SimilarPairs.boundedCount + 200, 256)
    var numbers = XorShift(seed: 21)
    let axes = (0..<8).map { _ in (0..<columns).map { _ in numbers.normal() } }
    let matrix = MatrixView(rows: count, columns: columns) { elements in
      for row in 0..<count {
        let weights = axes.map { _ in numbers.normal() }
        let source = row % 50 == 49 ? row * row % 997 % row : row
        for j in 0..<columns {
          var value = noise * numbers.normal()
          for (axis, weight) in zip(axes, weights) { value += axis[j] * weight }
          if source != row { value = Double(elements[source * columns + j]) + 0.2 * numbers.normal() }
          elements[row * columns + j] = Float(value)
        }
      }
    }
    let found = SimilarPairs(matrix, rows: Array(0..<count), threshold: 0.98, threads: 2)
    // Float products of all rows, from vectors of the test's own, and exact cosines near the threshold.
    let norms = (0..<count).map { row in
      (0..<columns).reduce(0.0) { $0 + Double(matrix[row, $1]) * Double(matrix[row, $1]) }.squareRoot()
    }
    var unit: [[SIMD8<Float>]] = []
    for row in 0..<count {
      unit.append(
        stride(from: 0, to: columns, by: 8).map { start in
          var values = SIMD8<Float>.zero
          for lane in 0..<8 { values[lane] = Float(Double(matrix[row, start + lane]) / norms[row]) }
          return values
        })
    }
    var expected = 0
    for first in 0..<count {
      for second in (first + 1)..<max(count, first + 1) {
        var sum = SIMD8<Float>.zero
        for block in 0..<(columns / 8) { sum += unit[first][block] * unit[second][block] }
        if sum.sum() > 0.979, Self.cosine(matrix, first, second) >= 0.98 { expected += 1 }
      }
    }
    #expect(found.pairs.count == expected && expected > 50, "\(found.pairs.count), \(expected)")
    #expect(found.pairs.allSatisfy { Self.cosine(matrix, $0.first, $0.second) >= 0.98 })
  }

  @Test func stopsAtTheLimit() {
    let matrix = MatrixView(rows: 50, columns: 3, elements: [Float](repeating: 1, count: 150))
    let all = SimilarPairs(matrix, rows: Array(0..<50), threshold: 0.97, limit: 1225, threads: 2)
    #expect(all.pairs.count == 1225 && all.stoppedAt == nil)
    let stopped = SimilarPairs(matrix, rows: Array(0..<50), threshold: 0.97, limit: 1224, threads: 2)
    #expect(stopped.pairs.isEmpty && stopped.stoppedAt == 1225)
  }

  @Test func pairsJoinGroups() {
    var groups = ItemGroups(count: 8)
    for (first, second) in [(5, 6), (1, 3), (6, 2), (3, 1)] { groups.join(first, second) }
    #expect(groups.numbers() == [nil, 0, 1, 0, nil, 1, 1, nil])
  }
}
