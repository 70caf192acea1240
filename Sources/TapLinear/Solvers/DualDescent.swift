// Coordinate descent on all outputs of a linear SVM, and what it found put before the objective for certification.

import TapKernels

/// Brings the objective of an SVM near its minimum by ``DualCoordinateDescent``, in rounds of decreasing violation, until
/// the gap is certified, or other methods are better at the rest.
///
/// A free intercept puts Σ αᵢ yᵢ = 0 on the dual, which single coordinates cannot keep. It is approached by proximal steps:
/// the bias moves by B² Σ αᵢ yᵢ after some epochs, B being ``DualRows/feature``.
struct DualDescent {
  let isSquared: Bool
  let tolerance: Double
  let threads: Int
  /// Violations aimed at, one a round; margins have the unit 1.
  private static let violations = [0.1, 0.02, 0.004, 8e-4, 1.6e-4, 3e-5, 6e-6, 1.2e-6, 2.4e-7, 5e-8, 1e-8]

  /// Moves the objective; what was known last, and whether the tolerance is certified.
  func minimize<Loss>(
    _ objective: inout LinearObjective<Loss>, rows: DualRows
  ) -> (iterate: TruncatedNewton.Iterate, epochs: Int, isDone: Bool) {
    let problem = objective.problem
    let (k, count) = (problem.outputs, problem.design.count)
    let isFree = problem.intercept.penalty == 0
    let feature = isFree ? rows.feature : problem.intercept.featureValue
    let classes = OneVersusRest(classCount: k == 1 ? 2 : k)
    // As many groups for each thread, none with more outputs than fit the cache.
    let each = threads * DualCoordinateDescent.mostOutputs
    let groupCount = min(k, threads * ((k + each - 1) / each))
    let groups = (0..<groupCount).map { group in
      Group(
        DualCoordinateDescent(
          rows, outputs: (k * group / groupCount)..<(k * (group + 1) / groupCount), labels: problem.labels,
          costs: problem.costs, classes: classes, isSquared: isSquared, feature: feature, isFree: isFree,
          products: .matching(problem.product)))
    }
    var best = TruncatedNewton.Iterate(value: .infinity, gap: .infinity, gradientNorm: .infinity)
    var epochs = 0
    // Single precision does not tell rows apart that lie far from 0.
    for violation in problem.design.isFoldable ? Self.violations : [] {
      Threads.concurrentForEach(count: groups.count, threads: threads) {
        groups[$0].descent.work(violation: violation)
      }
      var multipliers = [Double](repeating: 0, count: count * k)
      var dual = multipliers
      var appended = [Double](repeating: 0, count: k)
      var areDone = true
      for group in groups.map(\.descent) {
        for (c, progress) in zip(group.outputs, group.progress) {
          for i in 0..<count {
            let alpha = group.alpha(row: i, output: c)
            guard alpha > 0 else { continue }
            multipliers[i * k + c] = alpha * classes.sign(of: problem.labels[i], output: c)
            dual[i * k + c] = multipliers[i * k + c] / ((isSquared ? 2 : 1) * problem.costs[i])
          }
          appended[c] =
            isFree ? progress.bias + feature * feature * progress.sum : feature * progress.sum
          epochs = max(epochs, progress.epochs)
          areDone = areDone && progress.isDone
        }
      }
      objective.moveToRows(multipliers, appended: appended)
      let scores = objective.ownScores
      for group in groups { group.descent.settle(scores: scores, width: k) }
      guard let found = objective.certify(dual: dual, reach: isSquared ? 0 : violation) else { break }
      let previous = best.gap
      best = found
      if best.gap <= tolerance * abs(best.value) { return (best, epochs, true) }
      // A round that ran out of epochs, or that gained little: Newton steps are better at the rest.
      if !areDone || best.gap > 0.7 * previous { break }
    }
    objective.leaveBadStart(dual: [Double](repeating: 0, count: count * k))
    return (best, epochs, false)
  }

  /// Outputs that one thread works on; only one at a time does.
  private final class Group: @unchecked Sendable {
    var descent: DualCoordinateDescent

    init(_ descent: DualCoordinateDescent) { self.descent = descent }
  }
}
