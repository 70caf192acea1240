import TapKernels
import TapLinear
import Testing

/// The orders end within a panel of 64 columns, at its end, or after several panels.
struct CholeskyFactorTests {
  /// B Bᵀ + I for a B of fixed pseudo-random numbers.
  private func matrix(_ order: Int) -> [Double] {
    var numbers = Numbers(seed: 9)
    let b = numbers.array(order * 5)
    var a = [Double](repeating: 0, count: order * order)
    for i in 0..<order {
      for j in 0..<order {
        for k in 0..<5 { a[i * order + j] += b[i * 5 + k] * b[j * 5 + k] }
        if i == j { a[i * order + j] += 1 }
      }
    }
    return a
  }

  private func factor(_ a: [Double], _ order: Int, _ product: MatrixProduct) throws -> CholeskyFactor {
    try #require(
      CholeskyFactor(order: order, product: product) { row, first, width, span, target in
        for j in 0..<width { span[target + j] = a[row * order + first + j] }
      })
  }

  @Test(arguments: [1, 5, 63, 64, 65, 128, 150, 200], [MatrixProduct.openBLAS, .portable])
  func factorSolvesAndInverts(order: Int, product: MatrixProduct) throws {
    let a = matrix(order)
    let factor = try factor(a, order, product)
    let lower = factor.lower
    let inverse: [Float] = factor.inverse(product: product)
    let x = (0..<order).map { Double($0 % 7) - 3 }
    let solution = factor.solve(x)
    #expect(factor.solveTransposed(factor.solveLower(x)) == solution)
    for i in 0..<order {
      var (image, unit) = (0.0, 0.0)
      for j in 0..<order {
        image += a[i * order + j] * solution[j]
        unit += a[i * order + j] * Double(inverse[j * order])
        var product = 0.0
        for k in 0..<order { product += lower[i * order + k] * lower[j * order + k] }
        #expect(abs(product - a[i * order + j]) < 1e-12 * Double(order + 5))
      }
      #expect(abs(image - x[i]) < 1e-10)
      #expect(abs(unit - (i == 0 ? 1 : 0)) < 1e-5 * Double(order + 5))
    }
  }

  /// The matrix has rank 5 and a ridge of 1e-9, so the condition number of its triangle is about 1e5.
  @Test(arguments: [MatrixProduct.openBLAS, .portable])
  func badlyConditionedMatricesAreMetToTheLastDigits(product: MatrixProduct) throws {
    let order = 150
    var a = matrix(order)
    for i in 0..<order { a[i * order + i] += 1e-9 - 1 }
    let lower = try factor(a, order, product).lower
    let largest = (0..<order).reduce(0) { max($0, a[$1 * order + $1]) }
    for i in 0..<order {
      for j in 0...i {
        var product = 0.0
        for k in 0...j { product += lower[i * order + k] * lower[j * order + k] }
        #expect(abs(product - a[i * order + j]) <= 1e-14 * largest)
      }
    }
  }

  @Test func whatIsNotPositiveDefiniteHasNone() {
    #expect(
      CholeskyFactor(order: 2, product: .portable) { row, first, width, span, target in
        for j in 0..<width { span[target + j] = row == first + j ? 1 : 2 }
      } == nil)
    // Only the last diagonal element is 0. It is within a panel, at its end, or after it.
    for order in [1, 63, 64, 65, 200] {
      #expect(
        CholeskyFactor(order: order, product: .portable) { row, first, width, span, target in
          for j in 0..<width { span[target + j] = row == first + j && row < order - 1 ? 1 : 0 }
        } == nil)
    }
  }
}
