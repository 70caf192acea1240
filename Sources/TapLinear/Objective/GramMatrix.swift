// The inner products of all pairs of rows, for problems with few rows.

import Synchronization
import TapKernels

/// The Gram matrix K = F Fᵀ of a design, `[count, count]`. The matrix is computed on first use and kept for every C and
/// every class.
package final class GramMatrix: Sendable {
  /// The maximum number of rows (72 MB). No matrix is built for more rows.
  package static let largestCount = 3000
  private static let blockRows = 128

  private let design: DesignMatrix
  private let elements = Mutex<[Double]?>(nil)

  /// Returns nil if the design has more than ``largestCount`` rows.
  package init?(_ design: DesignMatrix) {
    guard design.count <= Self.largestCount else { return nil }
    self.design = design
  }

  var count: Int { design.count }

  /// The elements, `[count, count]`.
  package func elements(product: MatrixProduct, threads: Int) -> [Double] {
    elements.withLock { elements in
      if let elements { return elements }
      let computed = Self.compute(design, product, threads)
      elements = computed
      return computed
    }
  }

  /// Computes the blocks on and below the diagonal, then copies these blocks to the other side of the diagonal.
  private static func compute(_ design: DesignMatrix, _ product: MatrixProduct, _ threads: Int) -> [Double] {
    let (count, columns) = (design.count, design.columns)
    let starts = Array(stride(from: 0, to: count, by: blockRows))
    let bands = Mutex<[Int: [Double]]>([:])
    Threads.concurrentForEach(count: starts.count, threads: threads) { index in
      let rows = starts[index]..<min(starts[index] + blockRows, count)
      var left = [Double](repeating: 0, count: rows.count * columns)
      var right = [Double](repeating: 0, count: blockRows * columns)
      var span = left.mutableSpan
      design.fill(&span, rows: rows)
      var band = [Double](repeating: 0, count: rows.count * rows.upperBound)
      var tile = [Double](repeating: 0, count: blockRows * blockRows)
      for start in starts[...index] {
        let others = start..<min(start + blockRows, count)
        var rightSpan = right.mutableSpan
        design.fill(&rightSpan, rows: others)
        var tileSpan = tile.mutableSpan
        product.multiply(
          ProductShape(rows: rows.count, columns: others.count, depth: columns), left.span, right.span,
          transposeB: true, into: &tileSpan)
        for i in 0..<rows.count {
          for j in 0..<others.count {
            band[i * rows.upperBound + start + j] = tile[i * others.count + j]
          }
        }
      }
      let finished = band
      bands.withLock { $0[index] = finished }
    }
    var result = [Double](repeating: 0, count: count * count)
    bands.withLock { bands in
      for (index, start) in starts.enumerated() {
        guard let band = bands[index] else { continue }
        let end = min(start + blockRows, count)
        for i in start..<end {
          for j in 0...i {
            let value = band[(i - start) * end + j]
            result[i * count + j] = value
            result[j * count + i] = value
          }
        }
      }
    }
    return result
  }
}
