// Coordinate descent on all outputs of a linear SVM, and the certification of its result by the objective.

import TapKernels

/// Brings the objective of an SVM near its minimum by ``DualCoordinateDescent``, in rounds of decreasing violation. The
/// descent stops when the gap is certified, or when other methods are better for the rest.
///
/// Newton steps are better from early on if the number of rows that violate the margin is much larger than the number
/// of features. The Hessian is then well conditioned, and a few Newton steps replace thousands of epochs. So descent
/// counts one time how many rows violate the margin. It counts them after a number of visits that descent rarely
/// reaches on problems that suit it.
///
/// A free intercept adds the constraint Σ αᵢ yᵢ = 0, which steps of single coordinates cannot keep. Proximal steps make
/// the sum approach 0: the bias moves by B² Σ αᵢ yᵢ after some epochs, with B = ``DualRows/feature``.
struct DualDescent {
  let isSquared: Bool
  let tolerance: Double
  let threads: Int
  /// The target violations of the first and the last round. Violations are differences of scores, and the margin is a
  /// difference of 1.
  private static let violations = (first: 0.02, least: 1e-8)
  /// The smallest factor by which the target violation is multiplied after a round. Small factors save rounds. Each
  /// round ends with a certificate in double precision, which takes time.
  private static let steepestFall = 0.01
  /// The number of visits, divided by the number of rows, before the rows within the margin are counted. This number is
  /// larger for the hinge loss, because the method that follows takes longer.
  private var probe: Int { isSquared ? 20 : 100 }

  /// Limits of the number of rows within the margin, divided by the number of weights (features times outputs). Above a
  /// limit, Newton steps are better. `counted` is the limit at the count, after which some rows still leave the margin.
  /// `optimal` is the limit at an optimum.
  private static let crowd = (counted: 1.5, optimal: 1.0)

  /// The largest mean trace of the outputs' Hessians, without the penalty's part, for which Newton steps are better.
  private static let tameBend = 500.0

  /// Whether descent from 0 takes longer than Newton steps from the objective's point, which is the optimum of another
  /// C.
  static func isCrowded<Loss>(_ objective: LinearObjective<Loss>) -> Bool {
    let problem = objective.problem
    let k = problem.outputs
    let classes = OneVersusRest(classCount: k == 1 ? 2 : k)
    let within = objective.ownScores.enumerated().count { index, score in
      let row = index / k
      return problem.costs[row] > 0 && classes.sign(of: problem.labels[row], output: index % k) * score < 1
    }
    return Double(within) > Self.crowd.optimal * Double(problem.weightCount)
  }

  /// Whether Newton steps take few products. Few products suffice if the rows within the margin at the objective's
  /// point have little curvature compared to the penalty.
  static func isTame<Loss>(_ objective: LinearObjective<Loss>, rows: DualRows) -> Bool {
    let problem = objective.problem
    let k = problem.outputs
    let classes = OneVersusRest(classCount: k == 1 ? 2 : k)
    var sum = 0.0
    for (index, score) in objective.ownScores.enumerated() {
      let row = index / k
      guard classes.sign(of: problem.labels[row], output: index % k) * score < 1 else { continue }
      sum += problem.costs[row] * rows.squaredNorms[row]
    }
    return 2 * sum <= Self.tameBend * Double(k)
  }

  /// Moves the objective. Returns the last iterate, the number of epochs, and whether the tolerance is certified.
  func minimize<Loss>(
    _ objective: inout LinearObjective<Loss>, rows: DualRows
  ) -> (iterate: SolverState, epochs: Int, isDone: Bool) {
    let problem = objective.problem
    let (k, count) = (problem.outputs, problem.design.count)
    let isFree = problem.intercept.penalty == 0
    let feature = isFree ? rows.feature : problem.intercept.featureValue
    let classes = OneVersusRest(classCount: k == 1 ? 2 : k)
    // Every thread has the same number of groups. No group has more outputs than fit the cache.
    let each = threads * DualCoordinateDescent.mostOutputs(columns: problem.columns)
    let groupCount = min(k, threads * ((k + each - 1) / each))
    let facts = DualCoordinateDescent.facts(
      rows, labels: problem.labels, costs: problem.costs, isSquared: isSquared, feature: feature)
    let groups = (0..<groupCount).map { group in
      Group(
        DualCoordinateDescent(
          rows, facts, outputs: (k * group / groupCount)..<(k * (group + 1) / groupCount), classes: classes,
          feature: feature, isFree: isFree, products: .matching(problem.product)))
    }
    var best = SolverState(value: .infinity, gap: .infinity, gradientNorm: .infinity)
    var epochs = 0
    // The number of consecutive rounds that lowered the gap little, although the target violation of each round was
    // much smaller than the target violation of the preceding round.
    var poor = 0
    var lastGap = Double.infinity
    var aimedFar = true
    var mostVisits = probe * count
    // Single precision does not distinguish rows that are far from 0, so no round takes place for such rows.
    var violation = problem.design.isFoldable ? Self.violations.first : 0
    while violation >= Self.violations.least {
      let (aim, limit) = (violation, mostVisits)
      Threads.concurrentForEach(count: groups.count, threads: threads) {
        groups[$0].descent.work(violation: aim, mostVisits: limit)
      }
      var multipliers = [Double](repeating: 0, count: count * k)
      var dual = multipliers
      var appended = [Double](repeating: 0, count: k)
      var areDone = true
      var (visits, violated) = (0, 0)
      for group in groups.map(\.descent) {
        for (c, progress) in zip(group.outputs, group.progress) {
          for i in 0..<count {
            let alpha = group.alpha(row: i, output: c)
            guard alpha > 0 else { continue }
            violated += 1
            multipliers[i * k + c] = alpha * classes.sign(of: problem.labels[i], output: c)
            dual[i * k + c] = multipliers[i * k + c] / ((isSquared ? 2 : 1) * problem.costs[i])
          }
          appended[c] =
            isFree ? progress.bias + feature * feature * progress.sum : feature * progress.sum
          epochs = max(epochs, progress.epochs)
          visits = max(visits, progress.visits)
          areDone = areDone && progress.isDone
        }
      }
      objective.moveToRows(multipliers, appended: appended)
      let scores = objective.ownScores
      for group in groups { group.descent.settle(scores: scores, width: k) }
      guard let found = objective.certify(dual: dual, reach: isSquared ? 0 : violation) else { break }
      best = found
      // If the penalty is a small part of the objective, a small gap leaves a larger error of the weights.
      let wanted = (objective.isMostlyLoss ? 0.05 : 1) * tolerance * abs(best.value)
      if best.gap <= wanted { return (best, epochs, true) }
      if visits >= mostVisits {
        if Double(violated) > Self.crowd.counted * Double(problem.weightCount) { break }
        mostVisits = .max
        if !areDone { continue }
      }
      // After a round that ran out of epochs, or a second round that lowered the gap little, Newton steps are better.
      poor = aimedFar && best.gap > 0.7 * lastGap ? poor + 1 : 0
      if !areDone || poor == 2 || Cancellation.isRequested { break }
      // The gap falls in proportion to the violation, so the last round need not go further than the tolerance.
      let factor = max(Self.steepestFall, 0.6 * wanted / best.gap)
      aimedFar = factor == Self.steepestFall
      lastGap = best.gap
      violation *= factor
    }
    // The squared hinge loss needs no multipliers.
    objective.leaveBadStart(dual: isSquared ? nil : [Double](repeating: 0, count: count * k))
    return (best, epochs, false)
  }

  /// The outputs of one thread. Only one thread at a time uses a group.
  private final class Group: @unchecked Sendable {
    var descent: DualCoordinateDescent

    init(_ descent: DualCoordinateDescent) { self.descent = descent }
  }
}
