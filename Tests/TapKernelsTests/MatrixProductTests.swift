// Compares both implementations of products with the definition, for all storage orders and for awkward extents.

import TapKernels
import Testing

struct MatrixProductTests {
  @Test(arguments: MatrixProduct.allCases, [(1, 1, 1), (3, 5, 7), (13, 10, 19), (64, 10, 130), (7, 33, 0)])
  func equalsTheDefinition(product: MatrixProduct, extents: (Int, Int, Int)) {
    let (m, n, k) = extents
    // The numbers are small integers. So every sum is exact in float32, and the results must be equal.
    let a = (0..<(m * k)).map { Double(($0 * 7) % 11 - 5) }
    let b = (0..<(k * n)).map { Double(($0 * 5) % 13 - 6) }
    let start = (0..<(m * n)).map { Double($0 % 3) }
    for transposeA in [false, true] {
      for transposeB in [false, true] {
        for adding in [false, true] {
          var expected = adding ? start : start.map { _ in 0 }
          for i in 0..<m {
            for j in 0..<n {
              for p in 0..<k {
                expected[i * n + j] +=
                  (transposeA ? a[p * m + i] : a[i * k + p]) * (transposeB ? b[j * k + p] : b[p * n + j])
              }
            }
          }
          let shape = ProductShape(rows: m, columns: n, depth: k)
          var c = start
          var out = c.mutableSpan
          product.multiply(
            shape, a.span, transposeA: transposeA, b.span, transposeB: transposeB, into: &out, adding: adding)
          #expect(c == expected)

          let (a32, b32) = (a.map { Float($0) }, b.map { Float($0) })
          var c32 = start.map { Float($0) }
          var out32 = c32.mutableSpan
          product.multiply(
            shape, a32.span, transposeA: transposeA, b32.span, transposeB: transposeB, into: &out32,
            adding: adding)
          #expect(c32 == expected.map { Float($0) })
        }
      }
    }
  }
}
