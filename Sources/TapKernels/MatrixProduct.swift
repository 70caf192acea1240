// Dense row-major matrix products for training. Only this file calls OpenBLAS, and it uses one thread: the trainers
// split rows over threads themselves. Backbones do not use it (its sums may differ between machines).

import CTapOpenBLAS

/// The extents of a product `C = op(A) op(B)`: `op(A): [rows, depth]`, `op(B): [depth, columns]`, `C: [rows, columns]`.
package struct ProductShape: Hashable, Sendable {
  package var rows: Int
  package var columns: Int
  package var depth: Int

  package init(rows: Int, columns: Int, depth: Int) {
    precondition(rows >= 0 && columns >= 0 && depth >= 0, "a product of \(rows) x \(columns) x \(depth)")
    self.rows = rows
    self.columns = columns
    self.depth = depth
  }
}

/// The implementation of matrix products for the trainers.
///
/// Neither promises equal bits: sums may differ in their last places between the two, and for OpenBLAS between
/// machines.
package enum MatrixProduct: String, CaseIterable, Sendable {
  /// Plain Swift: the reference in tests, and training without a BLAS.
  case portable
  /// OpenBLAS on the calling thread.
  case openBLAS

  private static let pinnedToOneThread: Void = openblas_set_num_threads(1)

  /// ```
  /// C = op(A) op(B)        or, with `adding`,   C += op(A) op(B)
  /// ```
  /// All matrices are row-major without gaps. `a` is stored `[rows, depth]`, or `[depth, rows]` if `transposeA`;
  /// `b` is stored `[depth, columns]`, or `[columns, depth]` if `transposeB`. NaN propagates.
  ///
  /// - Precondition: the spans hold at least the elements of the shape; extents fit in `Int32`.
  /// - Complexity: 2 · rows · columns · depth operations on the calling thread.
  package func multiply(
    _ shape: ProductShape, _ a: Span<Float>, transposeA: Bool = false, _ b: Span<Float>,
    transposeB: Bool = false,
    into c: inout MutableSpan<Float>, adding: Bool = false
  ) {
    shape.check(a.count, b.count, c.count)
    guard shape.rows > 0 && shape.columns > 0 else { return }
    switch self {
    case .portable:
      portableProduct(shape, a, transposeA, b, transposeB, &c, adding)
    case .openBLAS:
      Self.pinnedToOneThread
      unsafe a.withUnsafeBufferPointer { a in
        unsafe b.withUnsafeBufferPointer { b in
          unsafe c.withUnsafeMutableBufferPointer { c in
            unsafe cblas_sgemm(
              CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
              blasint(shape.rows), blasint(shape.columns), blasint(shape.depth), 1,
              a.baseAddress, blasint(max(1, transposeA ? shape.rows : shape.depth)),
              b.baseAddress, blasint(max(1, transposeB ? shape.depth : shape.columns)), adding ? 1 : 0,
              c.baseAddress, blasint(shape.columns))
          }
        }
      }
    }
  }

  /// The same product in double precision.
  package func multiply(
    _ shape: ProductShape, _ a: Span<Double>, transposeA: Bool = false, _ b: Span<Double>,
    transposeB: Bool = false,
    into c: inout MutableSpan<Double>, adding: Bool = false
  ) {
    shape.check(a.count, b.count, c.count)
    guard shape.rows > 0 && shape.columns > 0 else { return }
    switch self {
    case .portable:
      portableProduct(shape, a, transposeA, b, transposeB, &c, adding)
    case .openBLAS:
      Self.pinnedToOneThread
      unsafe a.withUnsafeBufferPointer { a in
        unsafe b.withUnsafeBufferPointer { b in
          unsafe c.withUnsafeMutableBufferPointer { c in
            unsafe cblas_dgemm(
              CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
              blasint(shape.rows), blasint(shape.columns), blasint(shape.depth), 1,
              a.baseAddress, blasint(max(1, transposeA ? shape.rows : shape.depth)),
              b.baseAddress, blasint(max(1, transposeB ? shape.depth : shape.columns)), adding ? 1 : 0,
              c.baseAddress, blasint(shape.columns))
          }
        }
      }
    }
  }
}

/// The element types that ``MatrixProduct`` multiplies, for code written once for both.
package protocol MatrixElement: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  static func multiply(
    _ product: MatrixProduct, _ shape: ProductShape, _ a: Span<Self>, transposeA: Bool, _ b: Span<Self>,
    transposeB: Bool, into c: inout MutableSpan<Self>, adding: Bool)
}

extension Float: MatrixElement {
  package static func multiply(
    _ product: MatrixProduct, _ shape: ProductShape, _ a: Span<Float>, transposeA: Bool, _ b: Span<Float>,
    transposeB: Bool, into c: inout MutableSpan<Float>, adding: Bool
  ) {
    product.multiply(shape, a, transposeA: transposeA, b, transposeB: transposeB, into: &c, adding: adding)
  }
}

extension Double: MatrixElement {
  package static func multiply(
    _ product: MatrixProduct, _ shape: ProductShape, _ a: Span<Double>, transposeA: Bool, _ b: Span<Double>,
    transposeB: Bool, into c: inout MutableSpan<Double>, adding: Bool
  ) {
    product.multiply(shape, a, transposeA: transposeA, b, transposeB: transposeB, into: &c, adding: adding)
  }
}

extension ProductShape {
  fileprivate func check(_ a: Int, _ b: Int, _ c: Int) {
    precondition(
      a >= rows * depth && b >= depth * columns && c >= rows * columns,
      "operands of \(a), \(b) and \(c) elements are too short for \(rows) x \(columns) x \(depth)")
  }
}

/// Row times matrix, so that the inner loop runs along rows of B and C; with B transposed, dot products.
private func portableProduct<T: MatrixElement>(
  _ shape: ProductShape, _ a: Span<T>, _ transposeA: Bool, _ b: Span<T>, _ transposeB: Bool,
  _ c: inout MutableSpan<T>, _ adding: Bool
) {
  let (m, n, k) = (shape.rows, shape.columns, shape.depth)
  if !adding {
    for i in 0..<(m * n) { c[i] = 0 }
  }
  for i in 0..<m {
    if transposeB {
      for j in 0..<n {
        var sum: T = 0
        for p in 0..<k { sum += (transposeA ? a[p * m + i] : a[i * k + p]) * b[j * k + p] }
        c[i * n + j] += sum
      }
    } else {
      for p in 0..<k {
        let factor = transposeA ? a[p * m + i] : a[i * k + p]
        for j in 0..<n { c[i * n + j] += factor * b[p * n + j] }
      }
    }
  }
}
