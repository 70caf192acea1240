// The second moments of the columns. If all rows have equal curvature, the Hessian of the loss is a multiple of these
// moments. This file also computes the inverses of such Hessians.

import Synchronization
import TapKernels
import TapTensors

/// The second moments G = Σ wᵢ fᵢ fᵢᵀ of a design, `[columns, columns]`. The sample weights w are scaled, so that their
/// mean is 1. G is computed in single precision on first use and kept for every C.
package final class ColumnMoments: Sendable {
  /// The maximum number of columns (64 MB). No moments are computed for more columns.
  package static let largestCount = 4096
  private static let blockRows = 512
  /// The number of partial sums. This number is a constant, so that the result does not depend on the number of
  /// threads.
  private static let pieces = 2
  /// The maximum number of elements of the inverses that are kept for other fits (64 MB).
  private static let keptElements = 1 << 24

  private let design: DesignMatrix
  private let weights: [Double]
  private let elements = Mutex<[Float]?>(nil)
  private let inverses = Mutex<Inverses>(Inverses())

  /// The known inverses and the times of their last use. The key of both is the exponent of the curvature h.
  private struct Inverses {
    var matrices: [Int: MatrixView] = [:]
    var lastUse: [Int: Int] = [:]
    var time = 0
  }

  /// An upper estimate of the bytes of the inverses. The estimate is the larger of two numbers: the bytes of the kept
  /// inverses, and the bytes of the inverses for one Newton equation. The estimate never exceeds 20 inverses, one for
  /// each curvature.
  package static func inverseBytes(columns: Int) -> Double {
    let square = Double(columns) * Double(columns)
    return 4 * min(20 * square, max(Double(keptElements), 6 * square))
  }

  /// Returns nil if the design has more than ``largestCount`` columns.
  package init?(_ design: DesignMatrix, weights: [Double]) {
    guard design.columns <= Self.largestCount else { return nil }
    self.design = design
    let mean = weights.reduce(0, +) / Double(weights.count)
    self.weights = weights.map { $0 / mean }
  }

  /// Whether the moments have been computed.
  var isKnown: Bool { elements.withLock { $0 != nil } }

  /// The inverses (I + h G)⁻¹, `[columns, columns]`, in single precision, one for each exponent. h is 2 to the power of
  /// the exponent. An inverse is omitted if its Cholesky factor does not exist in double precision.
  func inverses(exponents: Set<Int>, product: MatrixProduct, threads: Int) -> [Int: MatrixView] {
    inverses.withLock { known in
      let missing = exponents.subtracting(known.matrices.keys).sorted()
      if !missing.isEmpty {
        let moments = elements(product: product, threads: threads)
        let found = Mutex<[Int: MatrixView]>([:])
        Threads.concurrentForEach(count: missing.count, threads: threads) { index in
          let h = Double(sign: .plus, exponent: missing[index], significand: 1)
          guard let inverse = Self.inverse(moments, h, columns: design.columns, product) else { return }
          found.withLock { $0[missing[index]] = inverse }
        }
        found.withLock { known.matrices.merge($0) { $1 } }
      }
      known.time += 1
      for exponent in exponents { known.lastUse[exponent] = known.time }
      let wanted = known.matrices.filter { exponents.contains($0.key) }
      let oldest = known.matrices.keys.sorted {
        known.lastUse[$0, default: 0] < known.lastUse[$1, default: 0]
      }
      let kept = max(wanted.count, Self.keptElements / (design.columns * design.columns))
      for exponent in oldest.prefix(max(0, oldest.count - kept)) { known.matrices[exponent] = nil }
      return wanted
    }
  }

  private static func inverse(
    _ moments: [Float], _ h: Double, columns: Int, _ product: MatrixProduct
  ) -> MatrixView? {
    let factor = CholeskyFactor(order: columns, product: product) { row, first, width, span, target in
      for j in 0..<width { span[target + j] = h * Double(moments[row * columns + first + j]) }
      if row >= first && row < first + width { span[target + row - first] += 1 }
    }
    guard let inverse: [Float] = factor?.inverse(product: product) else { return nil }
    return MatrixView(rows: columns, columns: columns, elements: inverse)
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
