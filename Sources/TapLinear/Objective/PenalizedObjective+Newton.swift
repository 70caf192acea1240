// Without a penalty the objective is smooth, but nothing bounds it from below that could be computed: the solvers watch the
// slope instead, and whether there is a minimum at all.

extension PenalizedObjective: SmoothObjective {
  /// - Precondition: the penalty has no kinks.
  package mutating func gradientAndGap() -> (gradient: [Double], gap: Double) {
    precondition(penalty.absolute == 0, "\(penalty) is not smooth")
    var (gradient, gap) = lossGradientAndGap()
    for i in 0..<penalizedCount { gradient[i] += penalty.quadratic * parameters[i] }
    return (gradient, gap)
  }

  package mutating func newtonDirection(
    gradient: [Double], tolerance: Double, maximumProducts: Int
  ) -> (direction: [Double], products: Int) {
    var diagonal = estimatedLossDiagonal()
    let largest = diagonal.reduce(0, max)
    for i in diagonal.indices {
      diagonal[i] += i < penalizedCount ? penalty.quadratic : interceptDamping
      // Columns that no row curves along.
      diagonal[i] = max(diagonal[i], 1e-10 * largest, .leastNormalMagnitude)
    }
    // Where nothing else bounds the distance the step has to: what a rough one promises is too little.
    let tolerance = hasCertificate ? tolerance : min(tolerance, 1e-4)
    let inner = ConjugateGradient(tolerance: tolerance, maximumIterations: maximumProducts).solve(
      gradient: gradient, blocks: blocks, precondition: { zip($0, diagonal).map { $0 / $1 } },
      hessianProduct: { direction in
        var product = lossHessianProduct(direction)
        for i in product.indices {
          product[i] += (i < penalizedCount ? penalty.quadratic : interceptDamping) * direction[i]
        }
        return product
      })
    return (inner.direction, inner.products)
  }

  /// Whether nothing penalises large weights, and all rows are right where the objective stands, or a class is on one side of
  /// a plane and all others on the other: along a ray the loss then falls for ever, which is a proof. Margins within rounding
  /// of 0 prove nothing.
  package var hasNoMinimum: Bool {
    guard !hasCertificate else { return false }
    base.forEachShard { $0.partial = $0.smallestMargins() }
    return base.shards[0].partial.indices.contains { index in
      base.shards.allSatisfy { $0.partial[index] > 0 }
    }
  }

  /// The largest change of a score along the prepared direction.
  package var reach: Double {
    base.forEachShard { shard in shard.number = shard.lineScores.reduce(0) { max($0, abs($1)) } }
    return base.shards.reduce(0) { max($0, $1.number) }
  }
}

extension Shard {
  /// Smallest margins of rows that count, less what rounding may have added. Of a separable loss for each output: one that is
  /// above 0 is right on every row. Of a softmax for each class how far a plane, on which its score is the mean of the others',
  /// has its rows on one side and all others on the other; then how far every row's own score is ahead.
  fileprivate func smallestMargins() -> [Double] {
    let k = problem.outputs
    let isSeparable = problem.loss.isSeparable
    let largest = scores.reduce(0) { max($0, abs($1)) }
    var smallest = [Double](repeating: .infinity, count: isSeparable ? k : k + 1)
    for i in 0..<range.count where problem.costs[range.lowerBound + i] > 0 {
      let label = problem.labels[range.lowerBound + i]
      let own = scores[i * k + (isSeparable ? 0 : label)]
      var sum = 0.0
      for c in 0..<k { sum += scores[i * k + c] }
      for c in 0..<k {
        let score = scores[i * k + c]
        if isSeparable {
          smallest[c] = min(smallest[c], label == (k == 1 ? 1 : c) ? score : -score)
        } else {
          let side = score - (sum - score) / Double(k - 1)
          smallest[c] = min(smallest[c], c == label ? side : -side)
          if c != label { smallest[k] = min(smallest[k], own - score) }
        }
      }
    }
    return smallest.map { $0 - 1e-9 * largest }
  }
}
