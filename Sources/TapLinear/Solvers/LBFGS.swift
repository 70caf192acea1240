// Limited-memory BFGS. This solver estimates curvature from the last steps instead of from Hessian products.

import TapKernels

/// Minimizes a ``SmoothObjective``.
///
/// Problem: minimize P(θ), convex and differentiable. Given: values and gradients, and values and derivatives along a
/// line. Result: the same as the result of ``TruncatedNewton``, with the same gap and the same stop reasons.
///
/// The direction is -H g, where H approximates the inverse of the Hessian. The two-loop recursion makes H from the last
/// pairs of steps s and gradient changes y. The recursion starts from γ M⁻¹ with γ = sᵀy / yᵀM⁻¹y. M is the identity at
/// first. Once the iterations have cost as much as a new matrix, M is the Hessian without the coupling of outputs. This
/// M is rebuilt each time that the number of iterations has doubled. If the outputs are coupled and there are few
/// parameters, M later includes the coupling. A step is nearly exact (``LineSearch``), because along a line a linear
/// model needs no pass over the features. The derivative along the line is negative at the start of a step, and nearer
/// to 0 at its end, so sᵀy is above 0. If rounding makes sᵀy 0 or negative, the pair is left out. Each iteration takes
/// one pass over the features for the gradient and one pass for the line.
///
/// Source: Nocedal, "Updating quasi-Newton matrices with limited storage" (1980); Liu and Nocedal (1989).
package struct LBFGS: Sendable {
  package var tolerance: Double
  package var maximumIterations: Int
  /// The number of pairs (s, y) that are kept.
  package var memory = 10

  package init(tolerance: Double, maximumIterations: Int) {
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  private struct Pair {
    let step: [Double]
    let change: [Double]
    /// The product sᵀy.
    let product: Double
  }

  /// Minimizes the objective, starting from its current point. Calls `observe` with every iterate.
  package func minimize<Objective: SmoothObjective>(
    _ objective: inout Objective, observe: (SolverState, [Double]) -> Void = { _, _ in }
  ) -> SolverResult {
    var iterations = 0
    var pairs: [Pair] = []
    var preconditioner: BlockPreconditioner?
    let schedule = objective.preconditionerSchedule
    var nextBlock = schedule?.first ?? .max
    var last: (parameters: [Double], gradient: [Double])?
    let normAtZero = objective.hasCertificate ? 0 : gradientNormAtZero(&objective)
    while true {
      let (gradient, gap) = objective.gradientAndGap()
      let norm = dot(gradient, gradient).squareRoot()
      let iterate = SolverState(value: objective.value, gap: gap, gradientNorm: norm)
      observe(iterate, objective.parameters)
      func stop(_ reason: StopReason) -> SolverResult {
        SolverResult(
          parameters: objective.parameters, last: iterate, iterations: iterations, hessianProducts: 0,
          stopReason: reason)
      }
      let floor = iterations == 0 ? min(tolerance, 1e-14) : tolerance
      if gap <= floor * abs(objective.value) { return stop(.converged) }
      if objective.hasNoMinimum { return stop(.separable) }
      if !objective.hasCertificate, norm <= tolerance * normAtZero { return stop(.converged) }
      if iterations == maximumIterations || Cancellation.isRequested { return stop(.iterationLimit) }

      if let last {
        let step = zip(objective.parameters, last.parameters).map { $0 - $1 }
        let change = zip(gradient, last.gradient).map { $0 - $1 }
        let product = dot(step, change)
        if product > 0 { pairs.append(Pair(step: step, change: change, product: product)) }
        if pairs.count > memory { pairs.removeFirst() }
      }
      last = (objective.parameters, gradient)
      if iterations >= nextBlock {
        let isJoint = schedule?.joint.map { iterations >= $0 } ?? false
        preconditioner = objective.blockPreconditioner(isJoint: isJoint)
        // A joint matrix is so near the Hessian that a few more iterations should suffice.
        nextBlock = isJoint ? iterations + 40 : min(2 * iterations, schedule?.joint ?? .max)
      }
      objective.prepareLine(direction(gradient, pairs, preconditioner))
      let start = objective.lineStart()
      guard let steps = LineSearch().steps(from: start, { objective.alongLine(steps: $0) }) else {
        return stop(gap <= tolerance * abs(objective.value) ? .converged : .noProgress)
      }
      objective.advance(steps: steps)
      iterations += 1
    }
  }

  /// The reference norm of gradients if the objective has no certificate: the norm at θ = 0. The norm at the first
  /// point would be too strict for a start at the minimum.
  private func gradientNormAtZero<Objective: SmoothObjective>(_ objective: inout Objective) -> Double {
    let start = objective.parameters
    objective.start(at: [Double](repeating: 0, count: start.count))
    let (gradient, _) = objective.gradientAndGap()
    objective.start(at: start)
    return dot(gradient, gradient).squareRoot()
  }

  private func direction(
    _ gradient: [Double], _ pairs: [Pair], _ preconditioner: BlockPreconditioner?
  ) -> [Double] {
    var result = gradient.map { -$0 }
    var factors: [Double] = []
    for pair in pairs.reversed() {
      let factor = dot(pair.step, result) / pair.product
      factors.append(factor)
      for i in result.indices { result[i] -= factor * pair.change[i] }
    }
    guard let newest = pairs.last else {
      // With large costs, a step as long as the gradient is too long for the line search.
      let length = dot(gradient, gradient).squareRoot()
      return length > 1 ? result.map { $0 / length } : result
    }
    var image = newest.change
    if let preconditioner {
      image = preconditioner.apply(image)
      result = preconditioner.apply(result)
    }
    let scale = newest.product / dot(newest.change, image)
    for i in result.indices { result[i] *= scale }
    for (pair, factor) in zip(pairs, factors.reversed()) {
      let correction = factor - dot(pair.change, result) / pair.product
      for i in result.indices { result[i] += correction * pair.step[i] }
    }
    return result
  }
}
