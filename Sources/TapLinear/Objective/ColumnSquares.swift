// The squared lengths of the columns, from which the Hessian's diagonal is estimated.

import Synchronization
import TapKernels

/// The sum Σ wᵢ fᵢⱼ² for each column j of a design. w are the sample weights, scaled to a mean of 1. The sums are
/// computed on first use and kept for every C.
package final class ColumnSquares: Sendable {
  private let design: DesignMatrix
  private let weights: [Double]
  private let elements = Mutex<[Double]?>(nil)

  package init(_ design: DesignMatrix, weights: [Double]) {
    self.design = design
    let mean = weights.reduce(0, +) / Double(max(1, weights.count))
    self.weights = mean > 0 ? weights.map { $0 / mean } : weights
  }

  func elements(threads: Int) -> [Double] {
    elements.withLock { elements in
      if let elements { return elements }
      let computed = compute(threads)
      elements = computed
      return computed
    }
  }

  private func compute(_ threads: Int) -> [Double] {
    let (count, columns) = (design.count, design.columns)
    let pieces = max(1, min(16, count / 256))
    let sums = Mutex<[Int: [Double]]>([:])
    Threads.concurrentForEach(count: pieces, threads: threads) { piece in
      var sum = [Double](repeating: 0, count: columns)
      var row = [Float](repeating: 0, count: columns)
      for position in (count * piece / pieces)..<(count * (piece + 1) / pieces) {
        var span = row.mutableSpan
        design.fill(&span, rows: position..<(position + 1))
        let weight = weights[position]
        var target = sum.mutableSpan
        for j in 0..<columns { target[j] += weight * Double(span[j] * span[j]) }
      }
      let finished = sum
      sums.withLock { $0[piece] = finished }
    }
    return sums.withLock { sums in
      var total = [Double](repeating: 0, count: columns)
      for piece in 0..<pieces {
        guard let part = sums[piece] else { continue }
        for j in 0..<columns { total[j] += part[j] }
      }
      return total
    }
  }
}
