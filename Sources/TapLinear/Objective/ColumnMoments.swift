// The second moments of the columns, which make up every Hessian of a problem except for the weights of rows. Also the
// inverses of the Hessian for equal weights.

import Synchronization
import TapKernels
import TapTensors

/// G = Σ wᵢ fᵢ fᵢᵀ of a design, `[columns, columns]`, with the sample weights w scaled to a mean of 1; computed in
/// single precision on first use and kept for every C.
package final class ColumnMoments: Sendable {
  /// There are no moments for more columns than this (64 MB).
  package static let largestCount = 4096
  private static let blockRows = 512
  /// The number of partial sums, a constant: the result does not depend on the number of threads.
  private static let pieces = 2
  /// Inverses are kept for other fits while they have at most this many elements (64 MB).
  private static let keptElements = 1 << 24

  private let design: DesignMatrix
  private let weights: [Double]
  private let elements = Mutex<[Float]?>(nil)
  private let inverses = Mutex<Inverses>(Inverses())

  /// The known inverses, by the exponent of h, and when each was last used.
  private struct Inverses {
    var matrices: [Int: MatrixView] = [:]
    var lastUse: [Int: Int] = [:]
    var time = 0
  }

  /// An estimate of the most bytes that inverses take: the kept ones, or those that one Newton equation needs, but at
  /// most as many as there are curvatures.
  package static func inverseBytes(columns: Int) -> Double {
    let square = Double(columns) * Double(columns)
    return 4 * min(20 * square, max(Double(keptElements), 6 * square))
  }

  /// Nil for a design with too many columns.
  package init?(_ design: DesignMatrix, weights: [Double]) {
    guard design.columns <= Self.largestCount else { return nil }
    self.design = design
    let mean = weights.reduce(0, +) / Double(weights.count)
    self.weights = weights.map { $0 / mean }
  }

  /// Whether they have been computed.
  var isKnown: Bool { elements.withLock { $0 != nil } }

  /// (I + h G)⁻¹, `[columns, columns]`, in single precision, for h each of these powers of 2; omits those whose factor
  /// does not exist in double precision.
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
