// Products of one row at a time with a few vectors, for solvers that visit one row after the other.

import CTapKernels
import TapTensors

/// The addresses of chosen rows of a feature matrix. An access to a row counts no references; with such a counter, the
/// threads that share a matrix would wait for each other.
@safe package final class RowAddresses: @unchecked Sendable {
  package let count: Int
  package let columns: Int
  private let addresses: UnsafeMutablePointer<UnsafePointer<Float>>
  private let matrix: MatrixView

  package init(_ rows: FeatureRows) {
    count = rows.count
    columns = rows.matrix.columns
    matrix = rows.matrix
    unsafe addresses = .allocate(capacity: max(1, rows.count))
    for position in 0..<rows.count {
      unsafe (addresses + position).initialize(to: rows.address(position))
    }
  }

  deinit { unsafe addresses.deallocate() }

  @inline(__always)
  fileprivate subscript(row: Int) -> UnsafePointer<Float> {
    precondition(row >= 0 && row < count)
    return unsafe addresses[row]
  }
}

extension RowProducts {
  /// Computes the products of a row with chosen vectors:
  /// ```
  /// dots[i] = Σ_j x[j] weights[chosen[i], j]
  /// ```
  /// `weights: [_, columns]`.
  ///
  /// - Parameter next: the row of the next call, which is prefetched; pass `row` if no call follows.
  package func dots(
    _ row: Int, next: Int, of rows: RowAddresses, _ weights: Span<Float>, chosen: Span<UInt8>, count: Int,
    into dots: inout MutableSpan<Float>
  ) {
    let columns = rows.columns
    checkChosen(weights.count, columns: columns, chosen, count)
    precondition(count <= dots.count)
    let (x, next) = unsafe (rows[row], rows[next])
    guard let table else {
      for i in 0..<count {
        var sum: Float = 0
        for j in 0..<columns { unsafe sum += x[j] * weights[Int(chosen[i]) * columns + j] }
        dots[i] = sum
      }
      return
    }
    unsafe weights.withUnsafeBufferPointer { weights in
      unsafe chosen.withUnsafeBufferPointer { chosen in
        unsafe dots.withUnsafeMutableBufferPointer { dots in
          guard let weights = weights.baseAddress, let chosen = chosen.baseAddress,
            let dots = dots.baseAddress
          else { return }
          unsafe table.f32_dots(columns, x, next, weights, chosen, count, dots)
        }
      }
    }
  }

  /// Adds multiples of a row to chosen vectors:
  /// ```
  /// weights[chosen[i], j] += factors[i] x[j] scale[j]
  /// ```
  /// `weights: [_, columns]`.
  ///
  /// - Parameter scale: the scale of each column; an empty array means a scale of 1.
  package func add(
    _ row: Int, of rows: RowAddresses, scale: Span<Float>, factors: Span<Float>, chosen: Span<UInt8>,
    count: Int, to weights: inout MutableSpan<Float>
  ) {
    let columns = rows.columns
    let x = unsafe rows[row]
    checkChosen(weights.count, columns: columns, chosen, count)
    precondition(count <= factors.count && (scale.isEmpty || scale.count == columns))
    guard let table else {
      for i in 0..<count {
        let first = Int(chosen[i]) * columns
        for j in 0..<columns {
          unsafe weights[first + j] += factors[i] * (scale.isEmpty ? x[j] : x[j] * scale[j])
        }
      }
      return
    }
    let isScaled = !scale.isEmpty
    unsafe scale.withUnsafeBufferPointer { scale in
      unsafe factors.withUnsafeBufferPointer { factors in
        unsafe chosen.withUnsafeBufferPointer { chosen in
          unsafe weights.withUnsafeMutableBufferPointer { weights in
            guard let factors = factors.baseAddress, let chosen = chosen.baseAddress,
              let weights = weights.baseAddress
            else { return }
            unsafe table.f32_add(
              columns, x, isScaled ? scale.baseAddress : nil, factors, chosen, count, weights)
          }
        }
      }
    }
  }

  @inline(__always)
  private func checkChosen(_ elements: Int, columns: Int, _ chosen: Span<UInt8>, _ count: Int) {
    precondition(count <= chosen.count)
    for i in 0..<count { precondition((Int(chosen[i]) + 1) * columns <= elements) }
  }
}
