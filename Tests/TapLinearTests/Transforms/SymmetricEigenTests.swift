// Eigenvalues and eigenvectors satisfy their definition: A v = λ v, and the vectors are orthonormal.

import TapLinear
import Testing

struct SymmetricEigenTests {
  /// A random matrix, a matrix of rank 3, most of whose eigenvalues are 0, or a diagonal matrix with equal values.
  func matrix(_ kind: Int, order: Int) -> [Double] {
    var numbers = Numbers(seed: UInt64(order))
    var matrix = [Double](repeating: 0, count: order * order)
    let factors = numbers.array(3 * order)
    for i in 0..<order {
      for j in 0...i {
        let value =
          switch kind {
          case 0: numbers.next()
          case 1: (0..<3).reduce(0) { $0 + factors[3 * i + $1] * factors[3 * j + $1] / Double(1 + $1 * $1) }
          default: i == j ? Double(i % 2) : 0
          }
        matrix[i * order + j] = value
        matrix[j * order + i] = value
      }
    }
    return matrix
  }

  @Test(arguments: [1, 2, 3, 7, 8, 9, 16, 65, 200], [0, 1, 2])
  func solvesItsEquation(order: Int, kind: Int) {
    let a = matrix(kind, order: order)
    let wanted = (order + 1) / 2
    let eigen = SymmetricEigen(a, order: order, count: { _ in wanted }, threads: 2)
    #expect(eigen.values.count == order && eigen.vectors.count == wanted * order)
    #expect(eigen.values == eigen.values.sorted(by: >))
    let size = norm(a) + 1e-300
    let tolerance = 8 * Double(order) * 2.3e-16
    for row in 0..<wanted {
      let v = Array(eigen.vectors[(row * order)..<((row + 1) * order)])
      let image = (0..<order).map { i in inner(Array(a[(i * order)..<((i + 1) * order)]), v) }
      #expect(norm(difference(image, v.map { eigen.values[row] * $0 })) <= tolerance * size)
      for other in 0...row {
        let product = inner(v, Array(eigen.vectors[(other * order)..<((other + 1) * order)]))
        #expect(abs(product - (other == row ? 1 : 0)) <= tolerance)
      }
    }
    // The eigenvalues have the sum and the norm that the trace and the norm of the matrix give.
    let trace = (0..<order).reduce(0) { $0 + a[$1 * order + $1] }
    #expect(abs(eigen.values.reduce(0, +) - trace) <= tolerance * size)
    #expect(abs(norm(eigen.values) - norm(a)) <= tolerance * size)
  }

  @Test func threadsDoNotMatter() {
    let a = matrix(0, order: 200)
    let one = SymmetricEigen(a, order: 200, count: { _ in 50 }, threads: 1)
    let three = SymmetricEigen(a, order: 200, count: { _ in 50 }, threads: 3)
    #expect(one.values == three.values && one.vectors == three.vectors)
  }
}
