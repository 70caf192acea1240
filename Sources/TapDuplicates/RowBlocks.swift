// Blocks of similar rows. Two blocks that are far apart have no pair of similar rows.

/// Blocks of rows, and the pairs of blocks that can have similar rows.
struct RowBlocks: Sendable {
  /// The places of the rows of each block. All blocks but the last have the same number of rows.
  private(set) var blocks: [[Int]] = []
  /// The smallest and the largest value of each column of each block's short forms; empty without short forms.
  private var boxes: [Box] = []

  private struct Box: Sendable {
    var low: [Float]
    var high: [Float]
  }

  /// The number of rows from which the spread of a column is estimated.
  private static let sampleCount = 4096

  /// Blocks of neighboring rows.
  init(count: Int, blockRows: Int) {
    blocks = stride(from: 0, to: count, by: blockRows).map { Array($0..<min($0 + blockRows, count)) }
  }

  /// Blocks of similar rows. The rows are divided again and again at the median of the column with the largest
  /// variance.
  ///
  /// - Complexity: for n rows, n log² n comparisons.
  init(_ short: ShortRows, blockRows: Int) {
    divide(Array(0..<short.matrix.rows), short, blockRows)
    boxes = blocks.map { Self.box(of: $0, short) }
  }

  private mutating func divide(_ rows: [Int], _ short: ShortRows, _ blockRows: Int) {
    guard rows.count > blockRows else {
      blocks.append(rows)
      return
    }
    let column = Self.widestColumn(of: rows, short)
    let sorted = rows.map { (value: short.matrix[$0, column], row: $0) }.sorted {
      ($0.value, $0.row) < ($1.value, $1.row)
    }
    let half = (rows.count / 2 + blockRows - 1) / blockRows * blockRows
    divide(sorted[..<half].map(\.row), short, blockRows)
    divide(sorted[half...].map(\.row), short, blockRows)
  }

  private static func widestColumn(of rows: [Int], _ short: ShortRows) -> Int {
    let width = short.matrix.columns
    var sums = [Double](repeating: 0, count: width)
    var squares = sums
    var count = 0.0
    for place in stride(from: 0, to: rows.count, by: max(1, rows.count / sampleCount)) {
      count += 1
      short.matrix.withRow(rows[place]) { values in
        for j in values.indices {
          sums[j] += Double(values[j])
          squares[j] += Double(values[j]) * Double(values[j])
        }
      }
    }
    let variances = (0..<width).map { squares[$0] / count - (sums[$0] / count) * (sums[$0] / count) }
    return variances.indices.max { variances[$0] < variances[$1] } ?? 0
  }

  private static func box(of rows: [Int], _ short: ShortRows) -> Box {
    let width = short.matrix.columns
    var box = Box(
      low: [Float](repeating: .infinity, count: width), high: [Float](repeating: -.infinity, count: width))
    for row in rows {
      short.matrix.withRow(row) { values in
        for j in values.indices {
          box.low[j] = min(box.low[j], values[j])
          box.high[j] = max(box.high[j], values[j])
        }
      }
    }
    return box
  }

  /// The pairs of blocks that can have rows with a cosine of at least `threshold`, each block also with itself.
  ///
  /// The product of two short forms x and y is 1 - ‖x - y‖² / 2, and the distance of two boxes is at most ‖x - y‖.
  func tiles(threshold: Double) -> [(first: Int, second: Int)] {
    // The addend exceeds the errors of the lengths of short forms.
    let farthest = 2 - 2 * threshold + 1e-5
    var tiles: [(first: Int, second: Int)] = []
    for first in blocks.indices {
      for second in first..<blocks.count
      where boxes.isEmpty || first == second || squaredDistance(boxes[first], boxes[second]) <= farthest {
        tiles.append((first, second))
      }
    }
    return tiles
  }

  private func squaredDistance(_ one: Box, _ other: Box) -> Double {
    var sum = 0.0
    for j in one.low.indices {
      let gap = Double(max(0, one.low[j] - other.high[j], other.low[j] - one.high[j]))
      sum += gap * gap
    }
    return sum
  }
}
