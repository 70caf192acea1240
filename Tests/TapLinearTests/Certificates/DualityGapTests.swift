// At every iterate, the duality gap bounds the distance to the minimum. At the end it is tight enough to stop by.

import Glibc
import TapKernels
import TapLinear
import Testing

struct DualityGapTests {
  struct Visited {
    var value: Double
    var gap: Double
  }

  func minimize<Loss: CertifiableLoss>(
    _ problem: LinearProblem<Loss>, tolerance: Double, from start: [Double]? = nil
  ) -> (iterates: [Visited], solution: SolverResult) {
    var objective = LinearObjective(problem)
    objective.start(at: start ?? [Double](repeating: 0, count: objective.parameterCount))
    var iterates: [Visited] = []
    let solution = TruncatedNewton(tolerance: tolerance, maximumIterations: 300)
      .minimize(&objective) { iterate, _ in iterates.append(Visited(value: iterate.value, gap: iterate.gap)) }
    return (iterates, solution)
  }

  @Test(arguments: ProblemShape.several, [1, 2, 3] as [UInt64])
  func boundsTheDistanceAtEveryIterate(shape: ProblemShape, seed: UInt64) {
    check(shape.problem(seed: seed), seed: seed)
    check(shape.problem(LogisticLoss(classCount: shape.classCount), seed: seed), seed: seed)
  }

  func check<Loss: CertifiableLoss>(_ problem: LinearProblem<Loss>, seed: UInt64) {
    let (iterates, tight) = minimize(problem, tolerance: 1e-12)
    #expect(tight.stopReason == .converged)
    let minimum = iterates.map(\.value).min()!
    for iterate in iterates {
      #expect(iterate.gap + 1e-12 * max(1, abs(iterate.value)) >= iterate.value - minimum)
    }
    // From another start, with the intercept far from its optimum, the minimum is the same and the bounds hold.
    var numbers = Numbers(seed: seed &+ 50)
    let (others, again) = minimize(
      problem, tolerance: 1e-12, from: numbers.array(problem.parameterCount, scale: 2))
    #expect(again.stopReason == .converged)
    #expect(abs(again.last.value - minimum) <= 2e-12 * max(1, minimum))
    for iterate in others {
      #expect(iterate.gap + 1e-12 * max(1, abs(iterate.value)) >= iterate.value - minimum)
    }
  }

  /// At random points, which no solver visits, the repaired dual point must give a bound too.
  @Test(arguments: ProblemShape.several)
  func boundsAtRandomPoints(shape: ProblemShape) {
    checkRandomPoints(shape.problem(seed: 9))
    checkRandomPoints(shape.problem(LogisticLoss(classCount: shape.classCount), seed: 9))
  }

  func checkRandomPoints<Loss: CertifiableLoss>(_ problem: LinearProblem<Loss>) {
    let minimum = minimize(problem, tolerance: 1e-12).solution.last.value
    var numbers = Numbers(seed: 77)
    for scale in [0.01, 0.3, 3, 30] {
      var objective = LinearObjective(problem)
      objective.start(at: numbers.array(problem.parameterCount, scale: scale))
      let gap = objective.gradientAndGap().gap
      #expect(gap + 1e-12 * max(1, objective.value) >= objective.value - minimum)
    }
  }

  /// With weak regularization, the plain dual point gives a poor certificate. The linearized one is near the true
  /// distance.
  @Test func isTightNearTheEnd() {
    let problem = ProblemShape(rows: 300, columns: 20, classCount: 4, c: 10).problem()
    let (iterates, solution) = minimize(problem, tolerance: 1e-9)
    #expect(solution.stopReason == .converged)
    let minimum = minimize(problem, tolerance: 1e-13).solution.last.value
    let last = iterates[iterates.count - 1]
    #expect(last.value - minimum <= 1e-9 * minimum)
    #expect(iterates.count < 15)
  }

  @Test(arguments: [2, 5])
  func repairedRowsKeepTheSimplexAndTheTotals(classCount: Int) throws {
    let loss = SoftmaxLoss(classCount: classCount)
    var numbers = Numbers(seed: 6)
    let rows = 30
    var dual: [Double] = []
    for _ in 0..<rows {
      let raw = numbers.array(classCount).map { abs($0) + 0.01 }
      dual += raw.map { $0 / raw.reduce(0, +) }
    }
    let labels = (0..<rows).map { $0 % classCount == 1 ? 1 : 0 }
    let costs = numbers.array(rows).map { abs($0) }
    func totals() -> [Double] {
      var sums = [Double](repeating: 0, count: loss.repairTotalCount)
      var span = sums.mutableSpan
      for i in 0..<rows {
        loss.addRepairTotals(dual: dual.span, at: i * classCount, label: labels[i], cost: costs[i], to: &span)
      }
      return sums
    }
    let repair = try #require(loss.repair(totals: totals()))
    var span = dual.mutableSpan
    for i in 0..<rows { loss.apply(repair, to: &span, at: i * classCount, label: labels[i]) }
    let after = totals()
    for c in 0..<classCount { #expect(abs(after[c] - after[classCount + c]) < 1e-12) }
    for i in 0..<rows {
      let row = dual[(i * classCount)..<((i + 1) * classCount)]
      #expect(row.allSatisfy { $0 >= 0 } && abs(row.reduce(0, +) - 1) < 1e-12)
    }
  }

  @Test func divergenceIsZeroOnlyWhereEqual() {
    let loss = SoftmaxLoss(classCount: 3)
    let scores = [1.0, -2, 800]
    var state = scores
    var span = state.mutableSpan
    _ = loss.value(scores.span, at: 0, label: 0, state: &span)
    #expect(loss.divergence(dual: state.span, state: state.span, scores: scores.span, at: 0, label: 0) == 0)
    // q₀ is too small for a double, but KL(e₀‖q) = -log q₀ = 799.
    let certain = [1.0, 0, 0]
    let far = loss.divergence(dual: certain.span, state: state.span, scores: scores.span, at: 0, label: 0)
    #expect(abs(far - 799) < 1e-9)
    // The code changes from a series to logarithms as e grows. The two must meet. KL of (½ + e, ½ - e) from (½, ½) is ½
    // log(1 - 4e²) + e log((1 + 2e) / (1 - 2e)).
    let even = [0.5, 0.5, 0]
    let level = [0.0, 0, -2000]
    for e in [1e-9, 1e-4, 0.00499, 0.00501, 0.3] {
      let p = [0.5 + e, 0.5 - e, 0]
      let found = loss.divergence(dual: p.span, state: even.span, scores: level.span, at: 0, label: 0)
      // If e is tiny, the closed form loses its digits by cancellation, but its series 2e² + 4e⁴/3 + … does not. The
      // rounding of ½ ± e is then visible.
      let closed = 0.5 * log1p(-4 * e * e) + e * (log1p(2 * e) - log1p(-2 * e))
      let expected = e < 1e-3 ? 2 * e * e * (1 + 2 * e * e / 3) : closed
      #expect(abs(found - expected) <= (e < 1e-3 ? 1e-6 : 1e-12) * expected, "\(e)")
    }
  }
}
