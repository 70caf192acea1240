// The objective of a linear model under any penalty. Rows, losses and dual points are the same as in
// ``LinearObjective``, which has an L2 penalty. Only the penalty R(W) differs.

import TapKernels

/// ```
/// P(W, b) = R(W) + Σ costᵢ ℓ(W fᵢ + b, yᵢ)
/// ```
/// The objective is this function with a current point. The parameters are those of ``LinearProblem``. For the dual
/// rows p of ``CertifiableLoss`` and V = Σ costᵢ (e_{yᵢ} - pᵢ) fᵢᵀ, the gap of a point is
/// ```
/// gap = Σ (R(w) + R*(v) - w v) + Σ costᵢ divergence(pᵢ, zᵢ)
/// ```
/// Under L1, R* is infinite if some |v| > 1. So p is first moved toward the labels until every |v| is at most 1. This
/// move keeps the constraints of a free intercept. Without a penalty there is no certificate.
package struct PenalizedObjective<Loss: CertifiableLoss> {
  /// The objective that holds the rows. Its own L2 penalty is not used.
  private(set) var base: LinearObjective<Loss>
  package let penalty: Penalty
  package private(set) var value = Double.infinity
  private(set) var direction: [Double] = []
  /// The term added to the curvature of a free intercept, as in ``LinearObjective``.
  private(set) var interceptDamping = 0.0
  private var lowerBound = -Double.infinity

  package init(_ problem: LinearProblem<Loss>, penalty: Penalty, threads: Int = 1) {
    base = LinearObjective(problem, threads: threads)
    self.penalty = penalty
  }

  var problem: LinearProblem<Loss> { base.problem }
  package var parameterCount: Int { base.parameterCount }
  package var parameters: [Double] { base.parameters }
  package var blocks: ParameterBlocks { base.blocks }
  package var hasCertificate: Bool { penalty.quadratic + penalty.absolute > 0 }
  /// The number of penalized parameters. In the array, the penalized parameters precede all other parameters.
  var penalizedCount: Int { problem.intercept.penalty > 0 ? parameterCount : problem.weightCount }

  package mutating func start(at parameters: [Double]) {
    base.start(at: parameters)
    refreshValue()
  }

  private mutating func refreshValue() {
    value = lossValue + parameters[..<penalizedCount].reduce(0) { $0 + penalty.value($1) }
  }

  private var lossValue: Double { base.sum { $0.value() } }

  /// The loss, divided by the least loss of a model that has only intercepts.
  package var lossShare: Double { lossValue / problem.leastConstantValue }

  /// The gradient of the loss alone, and the gap, which bounds how far the value is above the minimum. The gap is
  /// infinite without a penalty.
  package mutating func lossGradientAndGap() -> (gradient: [Double], gap: Double) {
    let sums = base.lossSums()
    interceptDamping =
      problem.intercept.penalty > 0
      ? 0 : sums.gradient[problem.weightCount...].reduce(0) { max($0, abs($1)) } / 8
    guard hasCertificate else { return (sums.gradient, .infinity) }
    var factor = 1.0
    var gap = sums.divergence
    if penalty.quadratic == 0 {
      let largest = sums.dual[..<penalizedCount].reduce(0) { max($0, abs($1)) }
      if largest > penalty.absolute {
        factor = penalty.absolute / largest
        gap = base.divergenceOfShrunkDual(factor)
      }
    }
    for i in 0..<penalizedCount { gap += penalty.divergence(parameters[i], dual: -factor * sums.dual[i]) }
    lowerBound = max(lowerBound, value - gap)
    return (sums.gradient, max(4 * value.ulp, min(gap, value - lowerBound)))
  }

  /// The element nearest 0 in the subdifferential of the objective, computed from the gradient of the loss.
  func subgradient(_ gradient: [Double]) -> [Double] {
    var result = gradient
    for i in 0..<penalizedCount { result[i] = penalty.subgradient(parameters[i], slope: gradient[i]) }
    return result
  }

  package mutating func prepareLine(_ direction: [Double]) {
    self.direction = direction
    base.prepareLine(direction)
  }

  /// For each block, the value of the objective at the current point plus t times the block's part of the direction,
  /// and the derivatives of this value in t. For weights at 0 the derivative is the right derivative.
  package func alongLine(steps: [Double]) -> [LineSample] {
    var samples = [LineSample](repeating: LineSample(), count: steps.count)
    let parameters = parameters
    let count = penalizedCount
    blocks.withEachRange { block, range in
      let step = steps[block]
      var (value, slope, square) = (0.0, 0.0, 0.0)
      for i in range where i < count {
        let d = direction[i]
        let w = parameters[i] + step * d
        value += penalty.value(w)
        slope += penalty.quadratic * w * d + penalty.absolute * (w > 0 ? d : w < 0 ? -d : abs(d))
        square += d * d
      }
      samples[block] += LineSample(value: value, slope: slope, curvature: penalty.quadratic * square)
    }
    base.forEachShard { $0.samples = $0.alongLine(steps: steps) }
    for shard in base.shards {
      for block in samples.indices { samples[block] += shard.samples[block] }
    }
    return samples
  }

  /// For each block, the loss alone and its derivatives in t along the direction.
  func lossAlongLine(steps: [Double]) -> [LineSample] {
    base.forEachShard { $0.samples = $0.alongLine(steps: steps) }
    var samples = [LineSample](repeating: LineSample(), count: steps.count)
    for shard in base.shards {
      for block in samples.indices { samples[block] += shard.samples[block] }
    }
    return samples
  }

  package mutating func advance(steps: [Double]) {
    base.advance(steps: steps)
    refreshValue()
  }

  /// The Hessian of the loss times a direction.
  func lossHessianProduct(_ direction: [Double]) -> [Double] {
    var product = base.hessianProduct(direction)
    for i in 0..<penalizedCount { product[i] -= direction[i] }
    return product
  }

  /// The diagonal of the loss's Hessian, estimated with one curvature for all rows of an output.
  func estimatedLossDiagonal() -> [Double] {
    var diagonal = base.estimatedDiagonal(meanCurvatures: base.meanCurvatures())
    for i in 0..<penalizedCount { diagonal[i] = max(0, diagonal[i] - 1) }
    return diagonal
  }
}

extension LinearObjective {
  /// Moves the dual rows toward the point with V = 0, so that V is multiplied by `factor`. Returns the divergence of
  /// the moved dual rows.
  func divergenceOfShrunkDual(_ factor: Double) -> Double {
    forEachShard { shard in
      var rows = shard.dual.mutableSpan
      for i in 0..<shard.range.count {
        shard.problem.loss.shrink(
          &rows, by: factor, at: i * shard.problem.outputs,
          label: shard.problem.labels[shard.range.lowerBound + i])
      }
    }
    return sum { $0.divergence() }
  }
}
