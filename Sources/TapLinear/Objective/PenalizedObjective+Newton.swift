// Without a penalty the objective is smooth, but no lower bound of the objective can be computed. The solvers use the
// slope instead of a gap, and check whether a minimum exists.

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
      // A column may have no curvature in any row, so the diagonal gets a minimum.
      diagonal[i] = max(diagonal[i], 1e-10 * largest, .leastNormalMagnitude)
    }
    // Without a certificate, the length of the step estimates the distance to the minimum. A rough step would make this
    // estimate too small.
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

  /// Whether the objective provably has no minimum. The proof needs two facts. First, no penalty bounds the weights.
  /// Second, at the current point all rows are classified correctly, or a plane separates one class from all other
  /// classes. In this case the loss decreases without end along a ray. Margins that are within rounding error of 0
  /// prove nothing.
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

extension RowShard {
  /// The smallest margins of rows with a cost above 0, minus the possible rounding error. A separable loss has one
  /// margin for each output. This margin is above 0 if every row is on the correct side. A softmax has one margin for
  /// each class: the score of the class minus the mean score of the other classes, with the sign of the correct side.
  /// After these margins comes the smallest margin between the score of a row's own class and any other score.
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
