// The second moments of a design: FᵀF, computed in blocks of rows.

import Synchronization
import TapKernels

extension DesignMatrix {
  /// The number of rows that are scaled and multiplied at once.
  package static let momentRows = 256
  /// The number of partial sums. It is a constant, so that the result does not depend on the number of threads.
  private static let pieces = 2

  /// The matrix FᵀF, `[columns, columns]`, in double precision.
  ///
  /// - Complexity: 2 · count · columns² operations, on at most two threads; 16 · columns² bytes.
  package func moments(product: MatrixProduct, threads: Int) -> [Double] {
    let count = count
    let columns = columns
    let sums = Mutex<[Int: [Double]]>([:])
    Threads.concurrentForEach(count: Self.pieces, threads: threads) { piece in
      var sum = [Double](repeating: 0, count: columns * columns)
      forEachBlock(rows: (count * piece / Self.pieces)..<(count * (piece + 1) / Self.pieces)) { block, rows in
        var target = sum.mutableSpan
        product.multiply(
          ProductShape(rows: columns, columns: columns, depth: rows.count), block, transposeA: true, block,
          into: &target, adding: true)
      }
      let finished = sum
      sums.withLock { $0[piece] = finished }
    }
    var total = [Double](repeating: 0, count: columns * columns)
    sums.withLock { sums in
      for piece in 0..<Self.pieces {
        guard let part = sums[piece] else { continue }
        for i in total.indices { total[i] += part[i] }
      }
    }
    return total
  }

  /// Calls `body` with the scaled rows of a range, at most ``momentRows`` at a time and in order, and their positions.
  package func forEachBlock(rows range: Range<Int>, _ body: (Span<Double>, Range<Int>) -> Void) {
    var block = [Double](repeating: 0, count: min(Self.momentRows, range.count) * columns)
    for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.momentRows) {
      let rows = start..<min(start + Self.momentRows, range.upperBound)
      var span = block.mutableSpan
      fill(&span, rows: rows)
      body(block.span, rows)
    }
  }
}
