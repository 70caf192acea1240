// The second moments of the columns: what every Hessian of a problem is made of, but for the weights of the rows.

import Synchronization
import TapKernels

/// G = Σ wᵢ fᵢ fᵢᵀ of a design, `[columns, columns]`, with the sample weights as w, of mean 1; computed in single precision
/// when it is first asked for, and kept for every C.
package final class ColumnMoments: Sendable {
  /// With more columns than this (64 MB) there are none.
  static let largestCount = 4096
  private static let blockRows = 512
  /// Partial sums, a constant: the result does not depend on the number of threads.
  private static let pieces = 2

  private let design: DesignMatrix
  private let weights: [Double]
  private let elements = Mutex<[Float]?>(nil)

  /// Nil for a design with too many columns.
  package init?(_ design: DesignMatrix, weights: [Double]) {
    guard design.columns <= Self.largestCount else { return nil }
    self.design = design
    let mean = weights.reduce(0, +) / Double(weights.count)
    self.weights = weights.map { $0 / mean }
  }

  func elements(product: MatrixProduct, threads: Int) -> [Float] {
    elements.withLock { elements in
      if let elements { return elements }
      let computed = compute(product, threads)
      elements = computed
      return computed
    }
  }

  private func compute(_ product: MatrixProduct, _ threads: Int) -> [Float] {
    let (count, columns) = (design.count, design.columns)
    let sums = Mutex<[Int: [Float]]>([:])
    Threads.concurrentForEach(count: Self.pieces, threads: threads) { piece in
      var sum = [Float](repeating: 0, count: columns * columns)
      var block = [Float](repeating: 0, count: Self.blockRows * columns)
      let range = (count * piece / Self.pieces)..<(count * (piece + 1) / Self.pieces)
      for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.blockRows) {
        let rows = start..<min(start + Self.blockRows, range.upperBound)
        var span = block.mutableSpan
        design.fill(&span, rows: rows)
        for row in rows where weights[row] != 1 {
          let root = Float(weights[row].squareRoot())
          let first = (row - start) * columns
          for j in first..<(first + columns) { span[j] *= root }
        }
        var target = sum.mutableSpan
        product.multiply(
          ProductShape(rows: columns, columns: columns, depth: rows.count), block.span, transposeA: true,
          block.span, into: &target, adding: true)
      }
      let finished = sum
      sums.withLock { $0[piece] = finished }
    }
    var total = [Float](repeating: 0, count: columns * columns)
    sums.withLock { sums in
      for piece in 0..<Self.pieces {
        guard let part = sums[piece] else { continue }
        for i in total.indices { total[i] += part[i] }
      }
    }
    return total
  }
}
