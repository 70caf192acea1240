// Products of rows of float32 features with a few vectors: the two passes over the features in the training of a linear
// model. The rows can be at any addresses. A general matrix product copies and packs its matrices; these products do
// not. They sum float32 features in double precision without a converted copy of the features.

import CTapKernels
import TapTensors

/// Chosen rows of a feature matrix: a `range` of `indices`, or a `range` of the rows of the matrix.
package struct FeatureRows: Sendable {
  package let matrix: MatrixView
  /// The indices of the rows; nil for all rows in order.
  package let indices: [Int]?
  package let range: Range<Int>

  /// - Precondition: the range lies within the indices, and the indices lie within the matrix.
  package init(_ matrix: MatrixView, indices: [Int]?, range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= indices?.count ?? matrix.rows)
    self.matrix = matrix
    self.indices = indices
    self.range = range
  }

  package var count: Int { range.count }
}

/// The row products of one instruction set.
///
/// Each sum is computed in several interleaved lanes, so its last digits differ between instruction sets.
@safe package struct RowProducts: Sendable {
  /// The table of kernels; nil for plain Swift.
  let table: lt_row_kernel_table?

  /// - Precondition: this machine can run `instructionSet`.
  package init(_ instructionSet: InstructionSet) {
    precondition(instructionSet.isAvailable, "this machine has no \(instructionSet.rawValue)")
    let compiled: UnsafePointer<lt_row_kernel_table>? =
      switch instructionSet {
      case .portable: nil
      case .avx2: unsafe lt_row_kernels_avx2()
      case .avx512: unsafe lt_row_kernels_avx512()
      }
    unsafe table = compiled?.pointee
  }

  private static let fastest = RowProducts(.best)

  /// Plain Swift for ``MatrixProduct/portable``, and the strongest instruction set of this machine for OpenBLAS, at
  /// most AVX2 for ``MatrixProduct/openBLASWithAVX2``.
  package static func matching(_ product: MatrixProduct) -> RowProducts {
    switch product {
    case .portable: RowProducts(.portable)
    case .openBLAS: fastest
    case .openBLASWithAVX2: RowProducts(min(.avx2, .best))
    }
  }

  /// ```
  /// scores[r, c] = Σ_j x[r, j] weights[c, j]
  /// ```
  /// `weights: [outputs, columns]`, `scores: [rows, outputs]`.
  package func scores<T: RowElement>(
    _ rows: FeatureRows, _ weights: Span<T>, outputs: Int, into scores: inout MutableSpan<T>
  ) {
    let columns = rows.matrix.columns
    precondition(weights.count >= outputs * columns && scores.count >= rows.count * outputs)
    guard let table else {
      for r in 0..<rows.count {
        rows.withRow(r) { x in
          for c in 0..<outputs {
            var sum: T = 0
            for j in 0..<columns { sum += T(x[j]) * weights[c * columns + j] }
            scores[r * outputs + c] = sum
          }
        }
      }
      return
    }
    unsafe rows.withPointers(outputs: outputs) { rows in
      unsafe weights.withUnsafeBufferPointer { weights in
        unsafe scores.withUnsafeMutableBufferPointer { scores in
          guard let weights = weights.baseAddress, let scores = scores.baseAddress else { return }
          unsafe T.scores(table, rows, weights, scores)
        }
      }
    }
  }

  /// ```
  /// sums[c, j] += Σ_r factors[r, c] x[r, j]
  /// ```
  /// `factors: [rows, outputs]`, `sums: [outputs, columns]`.
  package func addSums<T: RowElement>(
    _ rows: FeatureRows, _ factors: Span<T>, outputs: Int, to sums: inout MutableSpan<T>
  ) {
    let columns = rows.matrix.columns
    precondition(factors.count >= rows.count * outputs && sums.count >= outputs * columns)
    guard let table else {
      for r in 0..<rows.count {
        rows.withRow(r) { x in
          for c in 0..<outputs {
            let factor = factors[r * outputs + c]
            for j in 0..<columns { sums[c * columns + j] += factor * T(x[j]) }
          }
        }
      }
      return
    }
    unsafe rows.withPointers(outputs: outputs) { rows in
      unsafe factors.withUnsafeBufferPointer { factors in
        unsafe sums.withUnsafeMutableBufferPointer { sums in
          guard let factors = factors.baseAddress, let sums = sums.baseAddress else { return }
          unsafe T.sums(table, rows, factors, sums)
        }
      }
    }
  }
}

extension FeatureRows {
  private func matrixRow(_ position: Int) -> Int {
    let row = range.lowerBound + position
    return indices?[row] ?? row
  }

  fileprivate func withRow(_ position: Int, _ body: (Span<Float>) -> Void) {
    matrix.withRow(matrixRow(position), body)
  }

  @unsafe func address(_ position: Int) -> UnsafePointer<Float> {
    let row = matrixRow(position)
    precondition(row >= 0 && row < matrix.rows, "row \(row) of \(matrix.rows)")
    return unsafe matrix.base + row * matrix.rowStride
  }

  fileprivate func withPointers(outputs: Int, _ body: (UnsafePointer<lt_feature_rows>) -> Void) {
    guard count > 0 && outputs > 0 && matrix.columns > 0 else { return }
    unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: count) { pointers in
      for position in 0..<count { unsafe pointers.initializeElement(at: position, to: address(position)) }
      guard let x = unsafe UnsafePointer(pointers.baseAddress) else { return }
      var rows = unsafe lt_feature_rows(
        rows: count, columns: matrix.columns, outputs: outputs, x: x)
      unsafe body(&rows)
    }
  }
}

/// The possible element types of weights, factors and results.
package protocol RowElement: ProductElement {
  @unsafe static func scores(
    _ table: lt_row_kernel_table, _ rows: UnsafePointer<lt_feature_rows>, _ weights: UnsafePointer<Self>,
    _ scores: UnsafeMutablePointer<Self>)
  @unsafe static func sums(
    _ table: lt_row_kernel_table, _ rows: UnsafePointer<lt_feature_rows>, _ factors: UnsafePointer<Self>,
    _ sums: UnsafeMutablePointer<Self>)
}

extension Float: RowElement {
  @unsafe package static func scores(
    _ table: lt_row_kernel_table, _ rows: UnsafePointer<lt_feature_rows>, _ weights: UnsafePointer<Float>,
    _ scores: UnsafeMutablePointer<Float>
  ) { unsafe table.f32_scores(rows, weights, scores) }

  @unsafe package static func sums(
    _ table: lt_row_kernel_table, _ rows: UnsafePointer<lt_feature_rows>, _ factors: UnsafePointer<Float>,
    _ sums: UnsafeMutablePointer<Float>
  ) { unsafe table.f32_sums(rows, factors, sums) }
}

extension Double: RowElement {
  @unsafe package static func scores(
    _ table: lt_row_kernel_table, _ rows: UnsafePointer<lt_feature_rows>, _ weights: UnsafePointer<Double>,
    _ scores: UnsafeMutablePointer<Double>
  ) { unsafe table.f64_scores(rows, weights, scores) }

  @unsafe package static func sums(
    _ table: lt_row_kernel_table, _ rows: UnsafePointer<lt_feature_rows>, _ factors: UnsafePointer<Double>,
    _ sums: UnsafeMutablePointer<Double>
  ) { unsafe table.f64_sums(rows, factors, sums) }
}
