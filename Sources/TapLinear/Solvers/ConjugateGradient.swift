// Preconditioned conjugate gradient for the Newton equation.

/// The solution of H δ = -g, to a tolerance.
struct ConjugateGradient {
  /// Stop when the preconditioned residual norm √(rᵀM⁻¹r) is at most this fraction of its start.
  var tolerance: Double
  var maximumIterations: Int

  struct Result {
    var direction: [Double]
    var products: Int
  }

  /// Hestenes and Stiefel's method, preconditioned by the diagonal M, from δ = 0. Every iterate is a direction of
  /// descent, so stopping early is safe; H may be singular where g has no part in its null space.
  func solve(
    gradient: [Double], diagonal: [Double], hessianProduct: ([Double]) -> [Double]
  ) -> Result {
    let count = gradient.count
    precondition(diagonal.count == count)
    var solution = [Double](repeating: 0, count: count)
    var residual = gradient.map { -$0 }
    var conditioned = solution
    for i in 0..<count { conditioned[i] = residual[i] / diagonal[i] }
    var search = conditioned
    var size = dot(residual, conditioned)
    let target = tolerance * tolerance * size
    var products = 0
    while products < maximumIterations && size > target {
      let image = hessianProduct(search)
      products += 1
      let curvature = dot(search, image)
      // Rounding, or a direction without curvature: what stands is still a descent direction.
      guard curvature > 0, curvature.isFinite else { break }
      let step = size / curvature
      for i in 0..<count {
        solution[i] += step * search[i]
        residual[i] -= step * image[i]
        conditioned[i] = residual[i] / diagonal[i]
      }
      let next = dot(residual, conditioned)
      let factor = next / size
      for i in 0..<count { search[i] = conditioned[i] + factor * search[i] }
      size = next
    }
    if products == 0 || solution.allSatisfy({ $0 == 0 }) { solution = conditioned }
    return Result(direction: solution, products: products)
  }
}

/// aᵀb, in four interleaved sums.
func dot(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count)
  var sums = SIMD4<Double>()
  let whole = a.count & ~3
  for i in stride(from: 0, to: whole, by: 4) {
    let left = SIMD4<Double>(a[i], a[i + 1], a[i + 2], a[i + 3])
    let right = SIMD4<Double>(b[i], b[i + 1], b[i + 2], b[i + 3])
    sums += left * right
  }
  var total = sums.sum()
  for i in whole..<a.count { total += a[i] * b[i] }
  return total
}
