// Dense row-major matrix products for training. Only this file calls OpenBLAS, and OpenBLAS uses one thread: the
// trainers split the rows over threads themselves. Backbones do not use these products, because the sums may differ
// between machines.

import CTapOpenBLAS

/// The extents of a product `C = op(A) op(B)`, where `op(A): [rows, depth]`, `op(B): [depth, columns]` and `C: [rows,
/// columns]`.
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

/// The implementations of matrix products for the trainers.
///
/// Equal bits are not promised. The last digits of a sum may differ between the implementations. With OpenBLAS they
/// may also differ between machines.
package enum MatrixProduct: String, CaseIterable, Sendable {
  /// Plain Swift: the reference in tests, and the implementation for training without a BLAS.
  case portable
  /// OpenBLAS on the calling thread.
  case openBLAS
  /// OpenBLAS on the calling thread, beside ``RowProducts`` with AVX2. For measurements on processors that have more.
  /// OpenBLAS chooses its instructions by its environment variable `OPENBLAS_CORETYPE`.
  case openBLASWithAVX2

  private static let pinnedToOneThread: Void = openblas_set_num_threads(1)

  /// ```
  /// C = op(A) op(B)        or, with `adding`,   C += op(A) op(B)
  /// ```
  /// All matrices are row-major without gaps. `a` is stored as `[rows, depth]`, or as `[depth, rows]` if `transposeA`
  /// is true. `b` is stored as `[depth, columns]`, or as `[columns, depth]` if `transposeB` is true. A NaN gives NaN.
  ///
  /// - Precondition: the spans have at least as many elements as the shape needs, and the extents fit in `Int32`.
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
    case .openBLAS, .openBLASWithAVX2:
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

  /// Computes the product in double precision. The arguments are those of the method for `Float`.
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
    case .openBLAS, .openBLASWithAVX2:
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

/// The element types that ``MatrixProduct`` multiplies, so that code for both types is written once.
package protocol ProductElement: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  static func multiply(
    _ product: MatrixProduct, _ shape: ProductShape, _ a: Span<Self>, transposeA: Bool, _ b: Span<Self>,
    transposeB: Bool, into c: inout MutableSpan<Self>, adding: Bool)
}

extension Float: ProductElement {
  package static func multiply(
    _ product: MatrixProduct, _ shape: ProductShape, _ a: Span<Float>, transposeA: Bool, _ b: Span<Float>,
    transposeB: Bool, into c: inout MutableSpan<Float>, adding: Bool
  ) {
    product.multiply(shape, a, transposeA: transposeA, b, transposeB: transposeB, into: &c, adding: adding)
  }
}

extension Double: ProductElement {
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

/// Adds multiples of rows of B to each row of C, so that the inner loop runs along rows. If B is transposed, computes
/// dot products.
private func portableProduct<T: ProductElement>(
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
