// Preconditioned conjugate gradient for the Newton equation.

/// Solves H δ = -g, to a tolerance.
struct ConjugateGradient {
  /// The iteration stops when the preconditioned residual norm √(rᵀM⁻¹r) is at most this fraction of its initial value.
  var tolerance: Double
  var maximumIterations: Int

  struct Result {
    var direction: [Double]
    var products: Int
  }

  /// Hestenes and Stiefel's method from δ = 0. The preconditioner M is symmetric and positive definite. Like H, M does
  /// not couple blocks. Every iterate is a descent direction, so stopping early is safe. H may be singular if g has no
  /// part in the null space of H.
  ///
  /// If H is block diagonal, each block has its own iteration and step lengths. Blocks share only the products. A
  /// single step length for all blocks would have to suit the spectra of all blocks. With 99 classes, a single step
  /// length took ten times as many products.
  func solve(
    gradient: [Double], blocks: ParameterBlocks, precondition: ([Double]) -> [Double],
    hessianProduct: ([Double]) -> [Double]
  ) -> Result {
    let count = gradient.count
    var solution = [Double](repeating: 0, count: count)
    var residual = gradient.map { -$0 }
    var conditioned = precondition(residual)
    var search = conditioned
    var sizes = blocks.dot(residual, conditioned)
    let targets = sizes.map { tolerance * tolerance * $0 }
    var isOpen = sizes.indices.map { sizes[$0] > targets[$0] }
    var products = 0
    while products < maximumIterations && isOpen.contains(true) {
      let image = hessianProduct(search)
      products += 1
      let curvatures = blocks.dot(search, image)
      var steps = [Double](repeating: 0, count: sizes.count)
      for block in sizes.indices where isOpen[block] {
        // Otherwise rounding made the curvature invalid, or the direction has no curvature. In both cases the current
        // iterate is a descent direction, so the block stops.
        guard curvatures[block] > 0, curvatures[block].isFinite else {
          isOpen[block] = false
          continue
        }
        steps[block] = sizes[block] / curvatures[block]
      }
      blocks.withEachRange { block, range in
        let step = steps[block]
        guard step != 0 else { return }
        for i in range {
          solution[i] += step * search[i]
          residual[i] -= step * image[i]
        }
      }
      conditioned = precondition(residual)
      let next = blocks.dot(residual, conditioned)
      blocks.withEachRange { block, range in
        guard isOpen[block] else {
          for i in range { search[i] = 0 }
          return
        }
        let factor = next[block] / sizes[block]
        for i in range { search[i] = conditioned[i] + factor * search[i] }
      }
      for block in sizes.indices where isOpen[block] {
        sizes[block] = next[block]
        isOpen[block] = sizes[block] > targets[block]
      }
    }
    if products == 0 || solution.allSatisfy({ $0 == 0 }) { solution = conditioned }
    return Result(direction: solution, products: products)
  }
}
