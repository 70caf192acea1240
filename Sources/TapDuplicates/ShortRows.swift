// A bound on the cosine of two rows from a few numbers for each row.

import Synchronization
import TapKernels
import TapTensors

/// Rows of the length 1 in short form: their coordinates p in a few orthonormal directions, and the length r of the
/// rest.
///
/// For two rows x and y with the short forms (p, r) and (q, s),
/// ```
/// xᵀy ≤ pᵀq + r s
/// ```
/// whatever the directions are. The bound is close if the directions hold most of the rows' length. The short form of a
/// row has the length 1 too. A row of zeros, or one that is not finite, has a short form of zeros.
struct ShortRows: Sendable {
  /// The short forms, `[n, width]`, in single precision: the coordinates, and the length of the rest at the end.
  let matrix: MatrixView

  /// The largest error of a product of rows of the length 1 that are rounded to single precision.
  ///
  /// A sum of n products of such rows has an error of at most n / 2 ulps of 1, in any order.
  static func slack(of rows: MatrixView) -> Float { Float(rows.columns + 16) * Float.ulpOfOne }

  /// A number that is added to the square of the rest. It exceeds the rounding errors of the coordinates, so that the
  /// rest is never too short.
  private static let restAddend = 1e-6
  private static let chunkRows = 1024
  private static let chunksAtOnce = 16

  private init(_ matrix: MatrixView) { self.matrix = matrix }

  /// Reads all rows once, from the first to the last, in chunks.
  ///
  /// - Parameters:
  ///   - rows: the rows to describe, at least one.
  ///   - width: the number of values of a short form, at least 2.
  init(_ features: MatrixView, rows: [Int], width: Int, product: MatrixProduct, threads: Int) {
    let directions = LeadingDirections(features, rows: rows, count: width - 1, product: product)
    let starts = Array(stride(from: 0, to: rows.count, by: Self.chunkRows))
    matrix = MatrixView(rows: rows.count, columns: width) { elements in
      for first in stride(from: 0, to: starts.count, by: Self.chunksAtOnce) {
        let batch = Array(starts[first..<min(first + Self.chunksAtOnce, starts.count)])
        let found = Mutex<[Int: [Float]]>([:])
        Threads.concurrentForEach(count: batch.count, threads: threads) { index in
          guard !Cancellation.isRequested else { return }
          let range = batch[index]..<min(batch[index] + Self.chunkRows, rows.count)
          let short = Self.shortened(features.unitRows(Array(rows[range])), directions)
          found.withLock { $0[index] = short }
        }
        for (index, short) in found.withLock({ $0 }) {
          for (place, value) in short.enumerated() { elements[batch[index] * width + place] = value }
        }
      }
    }
  }

  /// The short forms of rows of the length 1.
  private static func shortened(_ unit: [Double], _ directions: LeadingDirections) -> [Float] {
    let (coordinates, count) = (directions.coordinates(unit), directions.count)
    let rows = coordinates.count / count
    let columns = unit.count / max(1, rows)
    var result: [Float] = []
    result.reserveCapacity(rows * (count + 1))
    for row in 0..<rows {
      let isZero = unit[(row * columns)..<((row + 1) * columns)].allSatisfy { $0 == 0 }
      var square = 0.0
      for value in coordinates[(row * count)..<((row + 1) * count)] {
        result.append(Float(value))
        square += value * value
      }
      result.append(isZero ? 0 : Float((max(0, 1 - square) + restAddend).squareRoot()))
    }
    return result
  }

  /// The short forms with fewer directions.
  func narrowed(to width: Int) -> ShortRows {
    let whole = matrix
    guard width < whole.columns else { return self }
    return ShortRows(
      MatrixView(rows: whole.rows, columns: width) { elements in
        for row in 0..<whole.rows {
          whole.withRow(row) { values in
            var square = 0.0
            for j in 0..<(width - 1) {
              elements[row * width + j] = values[j]
              square += Double(values[j]) * Double(values[j])
            }
            let isZero = values[values.count - 1] == 0
            elements[(row + 1) * width - 1] = isZero ? 0 : Float((max(0, 1 - square) + Self.restAddend).squareRoot())
          }
        }
      })
  }

  /// The product of two short forms.
  func product(_ first: Int, _ second: Int) -> Float {
    matrix.withRow(first) { x in
      matrix.withRow(second) { y in
        var sums = SIMD4<Float>.zero
        var j = 0
        while j + 4 <= x.count {
          sums += SIMD4(x[j], x[j + 1], x[j + 2], x[j + 3]) * SIMD4(y[j], y[j + 1], y[j + 2], y[j + 3])
          j += 4
        }
        var sum = sums.sum()
        while j < x.count {
          sum += x[j] * y[j]
          j += 1
        }
        return sum
      }
    }
  }
}
