// Coordinate descent on the dual of Crammer and Singer's SVM, and the certification of its result by the objective.

import TapKernels

/// Brings the objective of Crammer and Singer's SVM near its minimum by ``MulticlassCoordinateDescent``, in rounds of
/// decreasing violation. The descent stops when the gap is certified, or when other methods are better for the rest.
///
/// A free intercept adds the constraint Σᵢ αᵢ_c = 0. Proximal steps make the sum approach 0, as in ``DualDescent``: the
/// bias moves by B² Σᵢ αᵢ_c after some epochs.
package struct MulticlassDescent {
  let tolerance: Double

  /// Whether the method that follows is fast. Descent may then take only as long as about a dozen factorizations of
  /// that method's matrix.
  let isShort: Bool

  package init(tolerance: Double, isShort: Bool = false) {
    self.tolerance = tolerance
    self.isShort = isShort
  }

  /// The target violations, one for each round. Violations are differences of scores. The margin is the difference 1
  /// between scores. Rounds may be long, because the method that follows takes longer.
  private static let violations = [0.1, 0.02, 0.004, 8e-4, 1.6e-4, 3e-5, 6e-6, 1.2e-6, 2.4e-7, 5e-8, 1e-8]
  private static let roundEpochs = 5000

  /// Moves the objective. Returns the last iterate, the number of epochs, whether the tolerance is certified, and
  /// whether a round ran out of epochs.
  ///
  /// - Parameter observe: called with the iterate after each round.
  package func minimize(
    _ objective: inout LinearObjective<CrammerSingerLoss>, rows: DualRows,
    observe: (SolverState) -> Void = { _ in }
  ) -> (iterate: SolverState, epochs: Int, isDone: Bool, wasLong: Bool) {
    let problem = objective.problem
    let isFree = problem.intercept.penalty == 0
    let feature = isFree ? rows.feature : problem.intercept.featureValue
    var descent = MulticlassCoordinateDescent(problem, rows: rows, feature: feature)
    let parameters = problem.parameterCount
    var left = isShort ? max(100, 5 * parameters * parameters / max(1, problem.design.count)) : .max
    // The number of consecutive rounds that lowered the gap little.
    var poor = 0
    var wasLong = false
    var best = SolverState(value: .infinity, gap: .infinity, gradientNorm: .infinity)
    // Single precision does not distinguish rows that are far from 0, so no round takes place for such rows.
    for violation in problem.design.isFoldable ? Self.violations : [] {
      let before = descent.epochs
      let isRoundDone = descent.work(
        violation: violation, maximumEpochs: min(left, Self.roundEpochs), isFree: isFree)
      if isShort { left -= descent.epochs - before }
      let appended = descent.sums.indices.map { c in
        isFree ? descent.bias[c] + feature * feature * descent.sums[c] : feature * descent.sums[c]
      }
      objective.moveToRows(descent.alpha, appended: appended)
      descent.settle(scores: objective.ownScores)
      guard let found = objective.certify(dual: dualRows(problem, descent.alpha), reach: violation)
      else { break }
      let previous = best.gap
      best = found
      observe(best)
      if best.gap <= tolerance * abs(best.value) { return (best, descent.epochs, true, false) }
      // After a round that ran out of epochs, or several rounds that lowered the gap little, Newton steps are better.
      poor = best.gap > 0.7 * previous ? poor + 1 : 0
      wasLong = !isRoundDone || left <= 0
      if wasLong || poor == (isShort ? 3 : 1) { break }
    }
    objective.leaveBadStart(dual: dualRows(problem, [Double](repeating: 0, count: descent.alpha.count)))
    return (best, descent.epochs, false, wasLong)
  }

  /// The dual rows p with α = cost (e_y - p), row by row.
  private func dualRows(_ problem: LinearProblem<CrammerSingerLoss>, _ alpha: [Double]) -> [Double] {
    let k = problem.outputs
    var dual = [Double](repeating: 0, count: alpha.count)
    for (i, cost) in problem.costs.enumerated() {
      var sum = 0.0
      for c in 0..<k {
        let p = max(0, (c == problem.labels[i] ? 1 : 0) - (cost > 0 ? alpha[i * k + c] / cost : 0))
        dual[i * k + c] = p
        sum += p
      }
      for c in 0..<k { dual[i * k + c] /= sum }
    }
    return dual
  }
}
