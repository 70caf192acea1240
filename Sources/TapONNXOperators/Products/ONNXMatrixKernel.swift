// The inner loop of convolutions and matrix products: C += A B. B is read in panels, which are blocks of 8 columns.
// Only this file of the module reads memory through pointers.

/// C: [rows, columns] += A: [rows, depth] · B: [depth, columns]. All matrices are row-major.
///
/// A panel of B has 8 columns and up to ``ONNXMatrixKernel/depthBlock`` rows, which are one block of the depth. The
/// products of a block are added in order of depth, and then the block's sum is added to C. The order of additions is
/// the same for all sizes, and rounding errors grow with the size of a block instead of the depth.
///
/// Cost: rows · columns · depth multiply-adds, about 4 a cycle with 128-bit vectors if rows >= 4.
enum ONNXMatrixKernel {
  static let depthBlock = 256
  static let panelWidth = 8

  /// - Parameters:
  ///   - a: the left matrix, read from `aOffset` on.
  ///   - c: the result, added to from `cOffset` on.
  ///   - fillPanel: a function that writes B[depth range, column ..< column + 8] into the panel, row-major with 8
  ///     values a row. Columns behind the last column of B must be 0.
  /// - Precondition: a and c have as many rows as the sizes require.
  @inline(__always)
  static func multiply(
    _ a: [Float], at aOffset: Int, into c: inout [Float], at cOffset: Int, rows: Int, columns: Int,
    depth: Int,
    fillPanel: (_ depth: Range<Int>, _ column: Int, _ panel: inout [Float]) -> Void
  ) {
    precondition(aOffset >= 0 && rows >= 0 && depth >= 0 && columns >= 0 && cOffset >= 0)
    precondition(aOffset + rows * depth <= a.count && cOffset + rows * columns <= c.count)
    var panel = [Float](repeating: 0, count: depthBlock * panelWidth)
    for start in stride(from: 0, to: depth, by: depthBlock) {
      let block = start..<min(start + depthBlock, depth)
      for column in stride(from: 0, to: columns, by: panelWidth) {
        fillPanel(block, column, &panel)
        precondition(panel.count >= depthBlock * panelWidth)
        multiply(
          a, at: aOffset + start, stride: depth, panel, into: &c, at: cOffset + column, stride: columns,
          rows: rows, width: min(panelWidth, columns - column), depth: block.count)
      }
    }
  }

  /// Multiplies all rows of A by one panel of B.
  private static func multiply(
    _ a: [Float], at aOffset: Int, stride aStride: Int, _ panel: [Float], into c: inout [Float],
    at cOffset: Int, stride cStride: Int, rows: Int, width: Int, depth: Int
  ) {
    unsafe a.withUnsafeBufferPointer { a in
      unsafe panel.withUnsafeBufferPointer { panel in
        unsafe c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let panel = panel.baseAddress, let c = c.baseAddress else { return }
          let b = unsafe UnsafeRawPointer(panel)
          var row = 0
          while row + 4 <= rows {
            let (a0, a1) = unsafe (a + aOffset + row * aStride, a + aOffset + (row + 1) * aStride)
            let (a2, a3) = unsafe (a + aOffset + (row + 2) * aStride, a + aOffset + (row + 3) * aStride)
            var (c0, c1) = (SIMD8<Float>(), SIMD8<Float>())
            var (c2, c3) = (SIMD8<Float>(), SIMD8<Float>())
            for k in 0..<depth {
              let x = unsafe b.loadUnaligned(fromByteOffset: k * 32, as: SIMD8<Float>.self)
              unsafe c0 += a0[k] * x
              unsafe c1 += a1[k] * x
              unsafe c2 += a2[k] * x
              unsafe c3 += a3[k] * x
            }
            let target = unsafe c + cOffset + row * cStride
            unsafe add(c0, to: target, width)
            unsafe add(c1, to: target + cStride, width)
            unsafe add(c2, to: target + 2 * cStride, width)
            unsafe add(c3, to: target + 3 * cStride, width)
            row += 4
          }
          while row < rows {
            let a0 = unsafe a + aOffset + row * aStride
            var c0 = SIMD8<Float>()
            for k in 0..<depth {
              unsafe c0 += a0[k] * b.loadUnaligned(fromByteOffset: k * 32, as: SIMD8<Float>.self)
            }
            unsafe add(c0, to: c + cOffset + row * cStride, width)
            row += 1
          }
        }
      }
    }
  }

  @inline(__always)
  private static func add(_ sums: SIMD8<Float>, to target: UnsafeMutablePointer<Float>, _ width: Int) {
    for i in 0..<width { unsafe target[i] += sums[i] }
  }
}
