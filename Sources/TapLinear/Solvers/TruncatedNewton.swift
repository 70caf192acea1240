// Truncated Newton. Outer steps solve the Newton equation inexactly, by inner steps of conjugate gradient.

import TapKernels

/// Minimizes a ``SmoothObjective``.
///
/// Problem: minimize P(θ), convex and twice differentiable. Given: values, gradients, and Newton directions from a
/// number of Hessian products. Result, after at least one step: θ with (P(θ) - min P) / P(θ) ≤ `tolerance`, or another
/// stop reason. The objective's own gap certifies this bound. An objective without a certificate is done once the
/// Newton decrement predicts a decrease of at most `tolerance` times the value.
///
/// Source: Nash, "A survey of truncated-Newton methods" (2000). The forcing term, which is the tolerance of a Newton
/// equation, is that of Eisenstat and Walker (1996): a power of the gradient's decrease. A line search replaces the
/// trust region. Along a line, a linear model needs no pass over the features, so a step may be nearly exact.
package struct TruncatedNewton: Sendable {
  package var tolerance: Double
  package var maximumIterations: Int
  package var maximumInnerIterations = 500
  private static let settlingForcing = 0.1
  /// The largest gap of a settled fit, as a share of ½ ‖W‖². This limit bounds the distance of W from the optimum by a
  /// share of the length of W, however large the loss is. The limit rejects fits whose last steps only looked small.
  private static let settledGap = 1e-5
  /// The remaining distance multiplied by this factor is compared with the length of the last step. The remaining
  /// distance is at most √(2 gap), and the length of the step is √(-slope). Both lengths are in the Hessian's norm.
  private static let settledMargin = 2.0
  /// The factor of the same comparison in the preconditioner's norm, if the preconditioner approximates the Hessian's
  /// inverse.
  private static let conditionedMargin = 4.0
  /// The maximum number of further steps that improve W once the gap is small, in a fit that only evaluates one C.
  private static let furtherSteps = 2
  /// An allowed distance below this number counts as 0, because no step leaves so small a remaining distance.
  private static let leastAllowance = 0.01
  /// The smallest tolerance of Newton equations in a fit that only evaluates one value of C.
  private static let leastSettlingForcing = 0.05

  /// Passes in single precision end at this predicted decrease, as a share of the value. The error of single precision
  /// is far smaller.
  private static let roughGap = 1e-4
  /// The maximum number of steps in single precision. A fit with more steps may need more digits than single precision
  /// has.
  private static let roughIterations = 12

  package init(tolerance: Double, maximumIterations: Int) {
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  /// Minimizes the objective, starting from its current point. Calls `observe` with every iterate in double precision.
  ///
  /// - Parameters:
  ///   - iterations: the number of steps that led to the current point. The result counts these steps too.
  ///   - isEnough: called after each step. If it returns true, the fit ends with ``StopReason/noProgress``.
  ///   - allowance: called at the start and after each step. It returns the allowed remaining distance, as a multiple
  ///     of the last step. The fit ends with ``StopReason/settled`` once the gap bounds the remaining distance by the
  ///     allowed distance. The fit also ends after a full Newton step, except the first one, if the allowed distance is
  ///     at least one more such step. In both cases the gap must also be a small share of ½ ‖W‖².
  package func minimize<Objective: SmoothObjective>(
    _ objective: inout Objective, iterations: Int = 0, observe: (SolverState, [Double]) -> Void = { _, _ in },
    isEnough: (SolverState) -> Bool = { _ in false },
    allowance: ((SolverResult) -> Double)? = nil
  ) -> SolverResult {
    var products = 0
    var iterations = iterations
    var previousNorm: Double?
    // A step from a roughly solved equation says little about the remaining distance.
    var forcing = allowance == nil ? 0.25 : Self.settlingForcing
    if let allowance {
      _ = allowance(
        SolverResult(
          parameters: objective.parameters,
          last: SolverState(value: objective.value, gap: .infinity, gradientNorm: .infinity),
          iterations: iterations, hessianProducts: 0, stopReason: .settled))
    }
    // Far from the minimum, single precision finds the same steps in half the time.
    var isRough = iterations == 0 && objective.roughen()
    // A fit that only evaluates one value of C needs a certificate only at its end. The quadratic model predicts the
    // end.
    var needsGap = allowance == nil && !isRough
    var promise = Double.infinity
    // The allowed remaining distance, as a multiple of the last step, and whether the fit is within ten times this
    // distance.
    var allowed = 0.0
    var isNearlySettled = false
    var previousGradient: [Double] = []
    var further = 0
    while true {
      let (gradient, gap) = needsGap ? objective.gradientAndGap() : (objective.gradient(), .infinity)
      let norm = dot(gradient, gradient).squareRoot()
      let iterate = SolverState(value: objective.value, gap: gap, gradientNorm: norm)
      if !isRough { observe(iterate, objective.parameters) }
      func stop(_ reason: StopReason) -> SolverResult {
        SolverResult(
          parameters: objective.parameters, last: iterate, iterations: iterations, hessianProducts: products,
          stopReason: reason)
      }
      // At least one step is taken. With a tiny C, even W = 0 is within a relative tolerance, but W = 0 predicts
      // nothing.
      let floor = iterations == 0 ? min(tolerance, 1e-14) : tolerance
      if gap <= floor * abs(objective.value) {
        // With a tiny C, the objective is nearly all loss. W may then be far from the optimum although the objective is
        // close to its minimum.
        let isFound =
          allowance == nil || iterations == 0 || further == Self.furtherSteps
          || gap <= Self.settledGap * halfSquaredWeights(objective)
        if isFound { return stop(.converged) }
        further += 1
      }
      if allowed > 0 {
        var left = Self.settledMargin * (gap / promise).squareRoot()
        if left > allowed, let before = objective.conditionedSquare(previousGradient),
          let now = objective.conditionedSquare(gradient)
        {
          left = min(left, Self.conditionedMargin * (now / before).squareRoot())
        }
        if left <= allowed && gap <= Self.settledGap * halfSquaredWeights(objective) {
          return stop(.settled)
        }
        (isNearlySettled, needsGap) = (left <= 10 * allowed, false)
      }
      if objective.hasNoMinimum { return stop(.separable) }
      if iterations == maximumIterations || Cancellation.isRequested { return stop(.iterationLimit) }
      if iterations > 0 && isEnough(iterate) { return stop(.noProgress) }

      if let previousNorm {
        let decrease = norm / previousNorm
        // Far from the minimum, a more accurate solution of the quadratic model is not worth its cost. This limit saves
        // a third of the products (measured).
        let least = isNearlySettled ? Self.settlingForcing : Self.leastSettlingForcing
        let isFar = objective.hasCertificate && (gap.isFinite ? gap : promise) > 1e-3 * abs(objective.value)
        forcing = min(
          allowance == nil ? 0.25 : Self.settlingForcing,
          max(
            isFar ? 0.1 : allowance == nil ? 1e-4 : least, 0.9 * decrease * decrease,
            forcing * forcing > 0.1 ? forcing * forcing : 0))
      }
      // A Newton step leaves a gap of about half the squared residual of its equation. A solution more exact than the
      // tolerance requires would waste a third of all products (measured).
      let sufficient =
        further > 0 ? 0 : 0.3 * (2 * tolerance * abs(objective.value)).squareRoot() / norm
      previousNorm = norm
      if allowance != nil { previousGradient = gradient }
      let innerTolerance = max(forcing, min(0.25, sufficient))
      let inner = objective.newtonDirection(
        gradient: gradient, tolerance: innerTolerance, maximumProducts: maximumInnerIterations)
      products += inner.products
      objective.prepareLine(inner.direction)
      let start = objective.lineStart()
      // Half the Newton decrement is the decrease that the quadratic model still predicts.
      promise = start.reduce(0) { $0 - 0.5 * $1.slope }
      if !objective.hasCertificate {
        if promise <= tolerance * abs(objective.value) {
          // Near a minimum, steps are small. If rows are separable except for ties, steps keep a size of about 1
          // forever.
          return stop(objective.reach < 0.1 ? .converged : .separable)
        }
      }
      let foundSteps = LineSearch().steps(from: start, { objective.alongLine(steps: $0) })
      if isRough && foundSteps == nil {
        (isRough, needsGap) = (false, allowance == nil)
        objective.refine()
        continue
      }
      let isKnown = needsGap
      if foundSteps == nil || promise <= 10 * tolerance * abs(objective.value) { needsGap = true }
      if foundSteps == nil && !isKnown { continue }
      guard let steps = foundSteps else {
        // No step is found, for example, if the start is the minimum: the gradient is then only rounding error.
        return stop(gap <= tolerance * abs(objective.value) ? .converged : .noProgress)
      }
      objective.advance(steps: steps)
      iterations += 1
      let isNear = promise <= Self.roughGap * abs(objective.value)
      if isRough && (needsGap || isNear || iterations >= min(Self.roughIterations, maximumIterations)) {
        isRough = false
        objective.refine()
        needsGap = needsGap || allowance == nil
      }
      if let allowance {
        allowed = allowance(stop(.settled))
        let isWhole = steps.allSatisfy { $0 == 1 }
        // A single step from a good start looks small, whatever distance remains.
        if isWhole && iterations > 1 && innerTolerance <= Self.settlingForcing && allowed >= 1 {
          allowed = .infinity
        } else if !isWhole || allowed < Self.leastAllowance {
          allowed = 0
        }
        needsGap = needsGap || allowed > 0
        if isRough && needsGap {
          isRough = false
          objective.refine()
        }
      }
    }
  }

  private func halfSquaredWeights<Objective: SmoothObjective>(_ objective: Objective) -> Double {
    let count = objective.blocks.outputs * objective.blocks.columns
    return 0.5 * objective.parameters[..<count].reduce(0) { $0 + $1 * $1 }
  }
}
