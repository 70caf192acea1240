// The hinge loss and Crammer and Singer's loss have no second derivative, which Newton's method needs. Their augmented
// Lagrangians are smoothed losses with offsets, and these losses have second derivatives. The offsets move until the
// minimum of the smoothed loss is also the minimum of the loss.

import TapKernels

/// Minimizes a piecewise linear loss of an SVM, for all outputs at once. The formulas are for the hinge loss. For
/// Crammer and Singer's loss, p is a point of the simplex instead of the interval [0, 1].
///
/// Problem: minimize ½ ‖W‖² + Σ costᵢ max(0, 1 - mᵢ), with mᵢ the margins. Given: the objective of the smoothed hinge
/// of width δ. Result: the same as the result of ``TruncatedNewton``, with the gap of the hinge loss.
///
/// Introduce u = 1 - m as a separate variable, and multipliers cost·p for this equation. The augmented Lagrangian has
/// the penalty cost/δ. Its minimum over u is a smoothed hinge of width δ at scores with the offsets -s δ p, where s =
/// ±1 is the sign of the row. One outer step is
/// ```
/// W ← (nearly) the minimum for p,      p ← min(1, max(0, p + (1 - m) / δ)),      δ smaller
/// ```
/// Because the hinge is piecewise linear, the method converges after finitely many outer steps. Truncated Newton finds
/// the inner minima. Only the few rows with 0 < p < 1 have second derivatives. W, the intercept and all outputs move
/// together, so a free intercept needs no special treatment. The usual method is coordinate descent on the dual. Steps
/// of coordinate descent cannot keep the equality constraint of a free intercept. Coordinate descent also takes one row
/// at a time instead of multiplying matrices.
///
/// Source: Rockafellar, "Augmented Lagrangians and applications of the proximal point algorithm in convex programming"
/// (1976). For the SVM: Yan and Li, "An efficient augmented Lagrangian method for support vector machine" (2020).
package struct AugmentedLagrangian: Sendable {
  package var tolerance: Double
  /// The maximum number of Newton steps over all outer steps.
  package var maximumIterations: Int
  /// The factor of δ after an outer step. The smallest δ (``smallestWidth``) depends on the costs, because the
  /// multipliers move by (1 - m)/δ and W depends on cost/δ. With small costs, a δ that suits large costs would make the
  /// multipliers and W converge very slowly.
  private let shrinkage = 0.2
  /// The factor of δ with exact directions, if the inner minimum took more than `steps` steps. A smaller δ adds kinks,
  /// which take most of the steps. This larger factor adds few kinks at a time.
  private let gentleShrinkage = (steps: 3, factor: 0.7)
  private let smallestWidth = (most: 1e-4, byCost: 1e-2)
  /// The factor of δ if the inner minimum was not reached.
  private let growth = 10.0
  /// The maximum number of consecutive outer steps that do not lower the gap. If δ may also grow, the maximum is
  /// doubled.
  private let patience = 6

  package init(tolerance: Double, maximumIterations: Int) {
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  /// Minimizes from the objective's current point. Calls `observe` with every iterate.
  package func minimize<Loss: SmoothedLoss & CertifiableLoss>(
    _ objective: inout LinearObjective<Loss>,
    observe: (SolverState, [Double]) -> Void = { _, _ in }
  ) -> SolverResult {
    minimize(&objective, exactly: nil, observe: observe)
  }

  /// Minimizes with exact Newton directions.
  ///
  /// - Parameter solve: returns the solution of H δ = -g. If nil, conjugate gradient finds the solution.
  func minimize<Loss: SmoothedLoss & CertifiableLoss>(
    _ objective: inout LinearObjective<Loss>,
    exactly solve: ((LinearObjective<Loss>, [Double], Double) -> [Double]?)?,
    observe: (SolverState, [Double]) -> Void = { _, _ in }
  ) -> SolverResult {
    let costs = objective.problem.costs
    let smallest = min(smallestWidth.most, smallestWidth.byCost * costs.reduce(0, +) / Double(costs.count))
    var iterations = 0
    var products = 0
    var best = Double.infinity
    var sinceBest = 0
    var tolerance = tolerance
    while true {
      let newton = TruncatedNewton(tolerance: tolerance, maximumIterations: maximumIterations - iterations)
      // Once the multipliers cause most of the remaining gap, they are updated. The gradient adds half its square to
      // the gap. The gradient of a free intercept adds a linear term, through the repair of the dual point.
      let isEnough: (SolverState) -> Bool = {
        $0.gradientNorm * max(1, 0.5 * $0.gradientNorm) <= (solve == nil ? 0.1 : 1) * $0.gap
      }
      var solution: SolverResult
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
        // If the penalty is a small part of the objective, a small gap leaves a larger error of the weights.
        guard tolerance == self.tolerance, objective.isMostlyLoss else { return solution }
        tolerance *= 0.05
        if solution.last.gap <= tolerance * abs(solution.last.value) { return solution }
      }
      if iterations >= maximumIterations || Cancellation.isRequested { return certified(solution) }
      sinceBest = solution.last.gap < 0.9 * best ? 0 : sinceBest + 1
      best = min(best, solution.last.gap)
      let isCoupled = solve == nil && !objective.problem.loss.isSeparable
      if sinceBest == (isCoupled ? 2 * patience : patience) {
        solution.stopReason = .noProgress
        return certified(solution)
      }
      // For coupled outputs without exact directions, conjugate gradient in single precision fails if δ is too small
      // for the costs. In that case δ grows.
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
  /// Marks a solution as converged if it meets the tolerance, even if it misses the stricter tolerance that was tried.
  private func certified(_ solution: SolverResult) -> SolverResult {
    var solution = solution
    if solution.last.gap <= tolerance * abs(solution.last.value) { solution.stopReason = .converged }
    return solution
  }
}

extension LinearObjective {
  /// Whether the penalty is a small part of the objective's value.
  var isMostlyLoss: Bool { penalty(parameters) < 0.02 * abs(value) }
}

extension LinearObjective where Loss: SmoothedLoss {
  /// Sets the multipliers to the dual rows that were found for this point.
  package mutating func takeMultipliers(width: Double) {
    let factor = Loss.multiplierSign * width
    setLoss(Loss(width: width, of: problem.loss)) { shard in shard.dual.map { factor * $0 } }
  }

  /// The outer step: sets the multipliers to p, and the width to `width`. The parameters stay.
  mutating func moveOffsets(width: Double) {
    let factor = Loss.multiplierSign * width
    setLoss(Loss(width: width, of: problem.loss)) { shard in shard.state.map { factor * $0 } }
  }
}
