// The inner loop of convolutions and matrix products: C += A B, where B is read panel by panel. Only this file of the
// module reads memory through pointers.

/// C: [rows, columns] += A: [rows, depth] · B: [depth, columns], row-major.
///
/// B is read in panels of 8 columns and up to ``ONNXMatrixKernel/depthBlock`` rows. Each element is the sum of its
/// products over one block in order of depth, and blocks are added in order: one fixed order of additions for all
/// sizes, and rounding errors that grow with the block instead of the depth.
///
/// Cost: rows · columns · depth multiply-adds, about 4 a cycle with 128-bit vectors where rows >= 4.
enum ONNXMatrixKernel {
  static let depthBlock = 256
  static let panelWidth = 8

  /// - Parameters:
  ///   - a: Read from `aOffset` on.
  ///   - c: Added to from `cOffset` on.
  ///   - fillPanel: Writes B[depth range, column ..< column + 8] row-major into the panel, which has 8 values a row;
  ///     columns beyond the last must be 0.
  /// - Precondition: a and c have the rows that the sizes require.
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

  /// All rows times one panel.
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
