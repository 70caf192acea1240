// The L1 penalty without its kinks. With this smooth penalty, a path can avoid the many corners of a weak L1 penalty.

/// The smoothed penalty λ (s w + μ log(1 - s²)) + ½ q w² of a weight w. The slope s is in -1...1 and satisfies w = 2 μ
/// s / (1 - s²). The smoothed penalty comes from a barrier for |s| < 1, and is written as a function of the weights. As
/// μ → 0, the smoothed penalty becomes the penalty λ |w| + ½ q w².
struct SmoothedPenalty {
  let absolute: Double
  let quadratic: Double
  /// The number μ. A weight below μ is hardly penalized.
  var width: Double

  /// The slope s of a weight.
  func slope(_ weight: Double) -> Double {
    weight / (width + (width * width + weight * weight).squareRoot())
  }

  /// The smoothed penalty's value and derivatives along a line.
  func sample(_ weight: Double, _ direction: Double) -> LineSample {
    let s = slope(weight)
    let rest = 2 * width / (width + (width * width + weight * weight).squareRoot())
    let bend = rest * rest / (2 * width * (1 + s * s))
    return LineSample(
      value: absolute * (s * weight + width * logarithm(rest)) + 0.5 * quadratic * weight * weight,
      slope: (absolute * s + quadratic * weight) * direction,
      curvature: (absolute * bend + quadratic) * direction * direction)
  }
}

extension ProximalNewton {
  /// Approaches the minimum by Newton steps for penalties without a kink. These penalties become closer and closer to
  /// the actual penalty.
  ///
  /// With a weak penalty on nearly separable classes, the minimum is near a corner of a linear program. The path along
  /// corners is then long: it has hundreds of short steps, however well each step is chosen. In the interior, Newton
  /// steps move the weights w and the slopes s together, with w (1 - s²) = 2 μ s linearized. A few tens of these steps
  /// are enough. A corner is a bad start. So the first steps go from the minimum for the earlier C into the interior.
  ///
  /// Source: Koh, Kim and Boyd, "An interior-point method for large-scale l1-regularized logistic regression" (2007).
  /// For s as an unknown: Chan, Golub and Mulet, "A nonlinear primal-dual method for total variation-based image
  /// restoration" (1999).
  ///
  /// - Parameters:
  ///   - ratio: the C of the fit, divided by the C whose minimum is approximately the current point.
  ///   - limit: the maximum number of steps.
  /// - Returns: the number of steps. The objective is at most as high as at the start.
  func approach<Loss>(
    _ objective: inout PenalizedObjective<Loss>, weakening ratio: Double, limit: Int
  ) -> Int {
    let (k, count) = (objective.problem.outputs, objective.penalizedCount)
    let start = (parameters: objective.parameters, value: objective.value)
    let penalty = objective.penalty
    let scale = objective.value / (Double(count) * penalty.absolute)
    var smoothed = SmoothedPenalty(
      absolute: penalty.absolute, quadratic: penalty.quadratic, width: 0.01 * scale)
    let set = WorkingSet(
      columns: [[Int]](repeating: Array(0..<objective.problem.columns), count: k),
      hasAppended: objective.problem.intercept.featureValue != 0)
    let pairs = (0..<k).flatMap { a in (a..<k).map { (a, $0) } }
    var slopes: [Double] = []
    var steps = 0
    var share = 1 / ratio
    while steps < limit {
      let gradient = objective.lossGradientAndGap().gradient.map { share * $0 }
      if steps == 0 {
        slopes = gradient[..<count].map { max(-0.999, min(0.999, -$0 / penalty.absolute)) }
      }
      let model = Model(
        objective, set, Array(0..<k), objective.hessianTiles(set, pairs: pairs, in: Double.self),
        factor: share,
        damping: 1e-10)
      var right = gradient.map { -$0 }
      var diagonal = [Double](repeating: 0, count: gradient.count)
      for j in 0..<count {
        let (w, s) = (objective.parameters[j], slopes[j])
        let own = 2 * max(smoothed.width + w * s, 1e-6 * smoothed.width)
        let rest = (1 - s) * (1 + s)
        diagonal[j] = penalty.absolute * rest / own + penalty.quadratic
        right[j] -=
          penalty.quadratic * w + penalty.absolute * (s + (rest * w - 2 * smoothed.width * s) / own)
      }
      let quadratic = model.quadratic
      let order = quadratic.order
      let factor = CholeskyFactor(order: order, product: objective.problem.product) {
        row, first, width, elements, target in
        for i in 0..<width { elements[target + i] = quadratic.matrix[row * order + first + i] }
        if row >= first && row < first + width {
          elements[target + row - first] += diagonal[model.members[row]]
        }
      }
      guard let factor else { break }
      let solved = factor.solve(model.members.map { right[$0] })
      var direction = [Double](repeating: 0, count: gradient.count)
      for (place, member) in model.members.enumerated() { direction[member] = solved[place] }

      let weights = objective.parameters
      objective.prepareLine(direction)
      func sample(_ lengths: [Double]) -> [LineSample] {
        var total = [share * objective.lossAlongLine(steps: lengths)[0]]
        for j in 0..<count {
          total[0] += smoothed.sample(weights[j] + lengths[0] * direction[j], direction[j])
        }
        return total
      }
      let first = sample([0])
      guard let lengths = LineSearch().steps(from: first, sample) else { break }
      objective.advance(steps: lengths)
      steps += 1
      // The slopes move along their step while they stay between -1 and 1.
      var changes = [Double](repeating: 0, count: count)
      var length = 1.0
      for j in 0..<count {
        let (w, s) = (weights[j], slopes[j])
        let own = 2 * max(smoothed.width + w * s, 1e-6 * smoothed.width)
        changes[j] = ((1 - s) * (1 + s) * (w + direction[j]) - 2 * smoothed.width * s) / own
        if changes[j] > 0 { length = min(length, 0.99 * (1 - s) / changes[j]) }
        if changes[j] < 0 { length = min(length, 0.99 * (1 + s) / -changes[j]) }
      }
      for j in 0..<count { slopes[j] += length * changes[j] }
      // The slope along the step, as a share of the barrier terms of all weights.
      let remainder = -first[0].slope / (penalty.absolute * smoothed.width * Double(count))
      if remainder <= ((0.5...2).contains(lengths[0]) ? 0.03 : 0.003) {
        if share < 1 {
          share = 1
          smoothed.width = 0.5 * scale
        } else {
          if smoothed.width <= 0.005 * scale { break }
          smoothed.width *= 0.2
        }
      }
    }
    if !(objective.value < start.value) { objective.start(at: start.parameters) }
    return steps
  }
}
