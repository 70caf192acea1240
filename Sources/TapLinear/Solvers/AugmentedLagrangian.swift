// The hinge loss, and Crammer and Singer's, have no second derivative to give to Newton's method. Their augmented Lagrangians
// have: smoothed losses, whose offsets move until their minimum is that of the loss itself.

/// Minimises a piecewise linear loss of an SVM, all outputs at once. Written out for the hinge; Crammer and Singer's loss has
/// the simplex for the interval of p.
///
/// Problem: minimise ½ ‖W‖² + Σ costᵢ max(0, 1 - mᵢ), mᵢ the margins. Given: the objective of the smoothed hinge of width δ.
/// Result: as of ``TruncatedNewton``, the gap being that of the hinge.
///
/// With u = 1 - m as a variable of its own and multipliers cost·p for that equation, the augmented Lagrangian of penalty
/// cost/δ, minimised over u, is a smoothed hinge of width δ at scores offset by -s δ p. An outer step is
/// ```
/// W ← (nearly) the minimum for p,      p ← min(1, max(0, p + (1 - m) / δ)),      δ smaller
/// ```
/// and because the hinge is piecewise linear, it converges after finitely many. Inner minima are found by truncated
/// Newton: second derivatives live on the few rows with 0 < p < 1 only, and W, the intercept and all outputs move
/// together, so that a free intercept needs no treatment of its own. Coordinate descent on the dual, the usual choice,
/// cannot keep the equality that a free intercept puts on it, and takes one row at a time where this multiplies matrices.
///
/// Source: Rockafellar, "Augmented Lagrangians and applications of the proximal point algorithm in convex programming"
/// (1976); for the SVM, Yan and Li, "An efficient augmented Lagrangian method for support vector machine" (2020).
package struct AugmentedLagrangian: Sendable {
  package var tolerance: Double
  /// Newton steps over all outer steps.
  package var maximumIterations: Int
  /// What δ is multiplied by after an outer step, and the smallest that it becomes. The multipliers move by (1 - m)/δ, while
  /// W answers to cost/δ: with small costs a δ as of large ones would let them converge ever so slowly.
  private let shrinkage = 0.2
  /// The same with exact directions, where inner minima were not found at once: most steps go to the kinks that a sharper loss
  /// brings, and gentle changes bring few at a time.
  private let gentleShrinkage = (steps: 3, factor: 0.7)
  private let smallestWidth = (most: 1e-4, byCost: 1e-2)
  /// What δ is multiplied by where the inner minimum was not reached.
  private let growth = 10.0
  /// Outer steps in a row that may fail to lower the gap; twice as many where δ also grows.
  private let patience = 6

  package init(tolerance: Double, maximumIterations: Int) {
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  /// Minimises from where the objective stands, telling `observe` of every iterate.
  package func minimize<Loss: SmoothedLoss & CertifiableLoss>(
    _ objective: inout LinearObjective<Loss>,
    observe: (TruncatedNewton.Iterate, [Double]) -> Void = { _, _ in }
  ) -> TruncatedNewton.Solution {
    minimize(&objective, exactly: nil, observe: observe)
  }

  /// The same with exact directions.
  ///
  /// - Parameter solve: the solution of H δ = -g; nil for conjugate gradient.
  func minimize<Loss: SmoothedLoss & CertifiableLoss>(
    _ objective: inout LinearObjective<Loss>,
    exactly solve: ((LinearObjective<Loss>, [Double], Double) -> [Double]?)?,
    observe: (TruncatedNewton.Iterate, [Double]) -> Void = { _, _ in }
  ) -> TruncatedNewton.Solution {
    let costs = objective.problem.costs
    let smallest = min(smallestWidth.most, smallestWidth.byCost * costs.reduce(0, +) / Double(costs.count))
    var iterations = 0
    var products = 0
    var best = Double.infinity
    var sinceBest = 0
    var tolerance = tolerance
    while true {
      let newton = TruncatedNewton(tolerance: tolerance, maximumIterations: maximumIterations - iterations)
      // Once what is left of the gap is mostly the multipliers', it is their turn. The gradient enters the gap as half its
      // square, and that of a free intercept linearly, through the repair of the dual point.
      let isEnough: (TruncatedNewton.Iterate) -> Bool = {
        $0.gradientNorm * max(1, 0.5 * $0.gradientNorm) <= (solve == nil ? 0.1 : 1) * $0.gap
      }
      var solution: TruncatedNewton.Solution
      if let solve {
        var exact = ExactObjective(objective: objective, solve: solve)
        solution = newton.minimize(&exact, observe: observe, isEnough: isEnough)
        objective = exact.objective
      } else {
        solution = newton.minimize(&objective, observe: observe, isEnough: isEnough)
      }
      let isGentle = solve != nil && solution.iterations > gentleShrinkage.steps
      iterations += solution.iterations
      products += solution.hessianProducts
      solution.iterations = iterations
      solution.hessianProducts = products
      if solution.stopReason == .converged {
        // Where the penalty is a small part of the objective, the objective says less of the weights.
        guard tolerance == self.tolerance, objective.isMostlyLoss else { return solution }
        tolerance *= 0.05
        if solution.last.gap <= tolerance * abs(solution.last.value) { return solution }
      }
      if iterations >= maximumIterations { return certified(solution) }
      sinceBest = solution.last.gap < 0.9 * best ? 0 : sinceBest + 1
      best = min(best, solution.last.gap)
      let isCoupled = solve == nil && !objective.problem.loss.isSeparable
      if sinceBest == (isCoupled ? 2 * patience : patience) {
        solution.stopReason = .noProgress
        return certified(solution)
      }
      // Outputs that are coupled have no exact directions, and conjugate gradient in single precision fails where δ is too
      // small for the costs: then it grows.
      let isInnerDone =
        solution.last.gradientNorm * max(1, 0.5 * solution.last.gradientNorm) <= 0.1 * solution.last.gap
      let width = objective.problem.loss.width
      objective.moveOffsets(
        width: isCoupled && !isInnerDone
          ? min(1, growth * width) : max(smallest, (isGentle ? gentleShrinkage.factor : shrinkage) * width))
    }
  }
}

extension AugmentedLagrangian {
  /// A solution that meets the tolerance, if not what was tried beyond it.
  private func certified(_ solution: TruncatedNewton.Solution) -> TruncatedNewton.Solution {
    var solution = solution
    if solution.last.gap <= tolerance * abs(solution.last.value) { solution.stopReason = .converged }
    return solution
  }
}

extension LinearObjective {
  /// Whether the penalty is a small part of the value.
  var isMostlyLoss: Bool { penalty(parameters) < 0.02 * abs(value) }
}

extension LinearObjective where Loss: SmoothedLoss {
  /// The multipliers become the dual rows that were found for this point.
  package mutating func takeMultipliers(width: Double) {
    let factor = Loss.multiplierSign * width
    setLoss(Loss(width: width, of: problem.loss)) { shard in shard.dual.map { factor * $0 } }
  }

  /// The outer step: the multipliers become p, the width another; the parameters stay.
  mutating func moveOffsets(width: Double) {
    let factor = Loss.multiplierSign * width
    setLoss(Loss(width: width, of: problem.loss)) { shard in shard.state.map { factor * $0 } }
  }
}
