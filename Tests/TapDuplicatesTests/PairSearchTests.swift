// The bounds that discard pairs lose none: the pairs are those of a comparison of all rows, by loops of the test's own.

import Dispatch
import Synchronization
import TapDuplicates
import TapTensors
import TestSupport
import Testing

struct PairSearchTests {
  enum Rows: CaseIterable {
    /// Directions without a pattern.
    case random
    /// Rows around a few centers, so that many cosines are near the threshold.
    case clustered
    /// Half of the rows have their length in a few columns, and the other rows in the other columns.
    case apart
    /// Rows of a plane. The directions after the second one are zeros.
    case flat
    /// Rows of a few values only, with equal rows, zero rows, and rows of very different norms.
    case coarse
  }

  static func rows(_ kind: Rows, count: Int, columns: Int) -> [[Float]] {
    var numbers = XorShift(seed: 31)
    let centers = (0..<9).map { _ in (0..<columns).map { _ in numbers.normal() } }
    var rows: [[Float]] = []
    for index in 0..<count {
      if index % 15 == 14 && ![.flat, .coarse].contains(kind) {
        // Close to an earlier row.
        let step = 0.3 * numbers.uniform()
        rows.append(rows[index * index % 691 % index].map { Float(Double($0) + step * numbers.normal()) })
        continue
      }
      let values = (0..<columns).map { column -> Double in
        switch kind {
        case .random: numbers.normal()
        case .clustered: centers[index % 9][column] + 0.17 * numbers.normal()
        case .apart: (column < 3) == (index % 2 == 0) ? numbers.normal() : 0
        case .flat: 0
        case .coarse: column < 3 ? (3 * numbers.uniform()).rounded(.down) : 0
        }
      }
      switch kind {
      case .flat:
        let angle = 40 * numbers.uniform()
        let (a, b) = (angle - 20, numbers.normal())
        rows.append((0..<columns).map { Float(a * centers[0][$0] + b * centers[1][$0]) })
      case .coarse:
        let scale = [1e-20, 1, 1e15][index % 3]
        rows.append(values.map { Float(scale * $0) })
      default: rows.append(values.map { Float($0) })
      }
    }
    return rows
  }

  static func matrix(_ rows: [[Float]]) -> MatrixView {
    MatrixView(rows: rows.count, columns: rows[0].count, elements: rows.flatMap(\.self))
  }

  /// Cosines in double precision. The pairs at the threshold are those within rounding errors of it.
  static func pairs(_ rows: [[Float]], threshold: Double) -> (above: Set<[Int]>, atThreshold: Set<[Int]>) {
    let unit = rows.map { row -> [Double] in
      let norm = row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      return row.map { norm > 0 ? Double($0) / norm : 0 }
    }
    var (above, atThreshold): (Set<[Int]>, Set<[Int]>) = ([], [])
    for first in unit.indices {
      for second in (first + 1)..<max(unit.count, first + 1) {
        var cosine = 0.0
        for column in unit[first].indices { cosine += unit[first][column] * unit[second][column] }
        if abs(cosine - threshold) < 1e-13 {
          atThreshold.insert([first, second])
        } else if cosine > threshold {
          above.insert([first, second])
        }
      }
    }
    return (above, atThreshold)
  }

  @Test(arguments: Rows.allCases, [[], [4], [3, 12], [2, 5, 30]])
  func everyBoundFindsEveryPair(kind: Rows, widths: [Int]) {
    let rows = Self.rows(kind, count: 700, columns: 28)
    for threshold in [0.9, 0.97] {
      let found = SimilarPairs(
        Self.matrix(rows), rows: Array(0..<rows.count), threshold: threshold, threads: 2,
        bounds: SimilarPairs.Bounds(widths: widths, blockRows: 64))
      let expected = Self.pairs(rows, threshold: threshold)
      let pairs = Set(found.pairs.map { [$0.first, $0.second] })
      #expect(pairs.count == found.pairs.count && found.pairs.allSatisfy { $0.first < $0.second })
      #expect(pairs.subtracting(expected.atThreshold) == expected.above, "\(kind), \(threshold)")
      #expect(expected.above.count > 20 && expected.atThreshold.isEmpty, "\(kind), \(expected.above.count)")
    }
  }

  /// Rows of small integers, for which exact arithmetic tells whether a cosine is 0.97, less or more.
  @Test(arguments: [[], [3], [4, 9]])
  func pairsExactlyAtTheThresholdAreFound(widths: [Int]) {
    let columns = 14
    var rows: [[Int]] = []
    for first in 0..<columns {
      // 97² + 23² + 7² + 3² + 2² = 100². The last row of a group is a little further away.
      for values in [[100], [97, 23, 7, 3, 2], [194, 46, 14, 6, 4], [97, 23, 7, 3, 3]] {
        var row = [Int](repeating: 0, count: columns)
        for (place, value) in values.enumerated() { row[(first + place) % columns] = value }
        rows.append(row)
      }
    }
    func product(_ a: Int, _ b: Int) -> Int { zip(rows[a], rows[b]).reduce(0) { $0 + $1.0 * $1.1 } }
    var (expected, exact): (Set<[Int]>, Int) = ([], 0)
    for a in rows.indices {
      for b in (a + 1)..<max(rows.count, a + 1) where product(a, b) > 0 {
        let (left, right) = (10_000 * product(a, b) * product(a, b), 9409 * product(a, a) * product(b, b))
        if left >= right { expected.insert([a, b]) }
        if left == right { exact += 1 }
      }
    }
    #expect(exact == 2 * columns && expected.count == 5 * columns)
    let found = SimilarPairs(
      Self.matrix(rows.map { $0.map { Float($0) } }), rows: Array(rows.indices), threshold: 0.97, threads: 2,
      bounds: SimilarPairs.Bounds(widths: widths, blockRows: 8))
    #expect(Set(found.pairs.map { [$0.first, $0.second] }) == expected)
  }

  /// Rows of zeros, and rows with a value that is not finite, are in no pair and change no other pair.
  @Test(arguments: [[], [4], [4, 10]])
  func rowsWithoutADirectionAreInNoPair(widths: [Int]) {
    var rows = Self.rows(.clustered, count: 300, columns: 20)
    for index in stride(from: 0, to: 300, by: 10) {
      rows[index] = [Float](repeating: 0, count: 20)
      rows[index + 3][7] = .nan
      rows[index + 5][0] = -.infinity
    }
    let expected = Self.pairs(
      rows.map { row in row.allSatisfy(\.isFinite) ? row : [Float](repeating: 0, count: 20) }, threshold: 0.97)
    let found = SimilarPairs(
      Self.matrix(rows), rows: Array(0..<300), threshold: 0.97, threads: 2,
      bounds: SimilarPairs.Bounds(widths: widths, blockRows: 32))
    #expect(Set(found.pairs.map { [$0.first, $0.second] }) == expected.above && expected.above.count > 20)
  }

  /// Only such rows, or as many directions as columns.
  @Test func degenerateRowsHaveBounds() {
    let bounds = SimilarPairs.Bounds(widths: [3, 9], blockRows: 16)
    let zeros = MatrixView(rows: 50, columns: 6, elements: [Float](repeating: 0, count: 300))
    #expect(SimilarPairs(zeros, rows: Array(0..<50), threshold: 0.97, threads: 2, bounds: bounds).pairs.isEmpty)
    #expect(SimilarPairs(zeros, rows: [], threshold: 0.97, threads: 2, bounds: bounds).pairs.isEmpty)
    #expect(SimilarPairs(zeros, rows: [7], threshold: 0.97, threads: 2, bounds: bounds).pairs.isEmpty)
    let rows = Self.rows(.random, count: 200, columns: 6)
    let found = SimilarPairs(Self.matrix(rows), rows: Array(0..<200), threshold: 0.9, threads: 2, bounds: bounds)
    #expect(Set(found.pairs.map { [$0.first, $0.second] }) == Self.pairs(rows, threshold: 0.9).above)
  }

  /// Equal rows are all pairs of each other; threads and bounds change no bit.
  @Test func threadsAndBoundsChangeNothing() {
    var rows = Self.rows(.clustered, count: 500, columns: 24)
    for index in 0..<120 { rows[index * 4] = rows[0] }
    let matrix = Self.matrix(rows)
    let plain = SimilarPairs(
      matrix, rows: Array(0..<500), threshold: 0.97, threads: 1, bounds: SimilarPairs.Bounds(widths: []))
    #expect(plain.pairs.count(where: { $0.first % 4 == 0 && $0.second % 4 == 0 && $0.second < 480 }) >= 120 * 119 / 2)
    for threads in [1, 2, 5] {
      for bounds in [
        SimilarPairs.Bounds(widths: [5, 20], blockRows: 32), SimilarPairs.Bounds(widths: [4], blockRows: 99),
      ] {
        let found = SimilarPairs(matrix, rows: Array(0..<500), threshold: 0.97, threads: threads, bounds: bounds)
        #expect(found.pairs == plain.pairs)
        let stopped = SimilarPairs(
          matrix, rows: Array(0..<500), threshold: 0.97, limit: 7000, threads: threads, bounds: bounds)
        #expect(stopped.pairs.isEmpty && stopped.stoppedAt ?? 0 > 7000)
      }
    }
  }

  /// 50,000 rows with the bounds of a large set. Products in single precision, by vectors of the test's own, find the
  /// pairs near the threshold or above it; sums in double precision decide.
  @Test(.enabled(if: TestData.runsLongTests, "Scripts/test --long runs it"))
  func fiftyThousandRowsLoseNoPair() {
    let (count, columns) = (50_000, 1024)
    var numbers = XorShift(seed: 77)
    let axes = (0..<40).map { axis in
      (0..<columns).map { _ in numbers.normal() / Double(axis + 1).squareRoot() }
    }
    let matrix = MatrixView(rows: count, columns: columns) { elements in
      for row in 0..<count {
        let source = row % 100 == 99 ? row * 7919 % 49_999 % row : row
        let weights = axes.map { _ in numbers.normal() }
        let step = 2 * numbers.uniform()
        for column in 0..<columns {
          // A uniform number with the variance 1 is cheaper than a normal one.
          var value = 0.5 * 3.46 * (numbers.uniform() - 0.5)
          if source == row {
            for axis in 0..<40 { value += weights[axis] * axes[axis][column] }
          } else {
            value = Double(elements[source * columns + column]) + step * value
          }
          elements[row * columns + column] = Float(value)
        }
      }
    }
    #expect(SimilarPairs.Bounds(rows: count, columns: columns).widths == [64, 256])
    let found = SimilarPairs(matrix, rows: Array(0..<count), threshold: 0.97, threads: 2)
    let expected = Self.bruteForce(matrix, threshold: 0.97)
    #expect(Set(found.pairs.map { [$0.first, $0.second] }) == expected && expected.count > 100, "\(expected.count)")
  }

  static func bruteForce(_ matrix: MatrixView, threshold: Double) -> Set<[Int]> {
    let (count, width, block) = (matrix.rows, matrix.columns / 8, 250)
    var unit: [SIMD8<Float>] = []
    unit.reserveCapacity(count * width)
    for row in 0..<count {
      var square = 0.0
      for column in 0..<matrix.columns { square += Double(matrix[row, column]) * Double(matrix[row, column]) }
      for start in stride(from: 0, to: matrix.columns, by: 8) {
        var values = SIMD8<Float>.zero
        for lane in 0..<8 { values[lane] = Float(Double(matrix[row, start + lane]) / square.squareRoot()) }
        unit.append(values)
      }
    }
    let vectors = unit
    let found = Found()
    DispatchQueue.concurrentPerform(iterations: count / block) { index in
      var pairs: [[Int]] = []
      for second in (index * block)..<count {
        for first in (index * block)..<min((index + 1) * block, second) {
          var sum = SIMD8<Float>.zero
          for k in 0..<width { sum += vectors[first * width + k] * vectors[second * width + k] }
          if Double(sum.sum()) > threshold - 1e-3, SimilarPairsTests.cosine(matrix, first, second) >= threshold {
            pairs.append([first, second])
          }
        }
      }
      found.add(pairs)
    }
    return found.pairs
  }

  /// The pairs that several threads found.
  private final class Found: Sendable {
    private let all = Mutex<Set<[Int]>>([])

    func add(_ pairs: [[Int]]) { all.withLock { $0.formUnion(pairs) } }

    var pairs: Set<[Int]> { all.withLock { $0 } }
  }
}
