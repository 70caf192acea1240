// L1 and elastic net: the bounds hold at every iterate, every way to minimize the quadratic model leads to the same
// minimum, and zeros are exact.

import TapKernels
import TapLinear
import Testing

struct ProximalNewtonTests {
  struct Visited {
    var value: Double
    var gap: Double
  }

  static let penalties: [Penalty] = [.l1, .elasticNet(l1Ratio: 0.5), .elasticNet(l1Ratio: 0.05)]

  func minimize<Loss: CertifiableLoss>(
    _ problem: LinearProblem<Loss>, _ penalty: Penalty, jointOrder: Int = 800, tolerance: Double = 1e-10
  ) -> (iterates: [Visited], solution: SolverResult) {
    var objective = PenalizedObjective(problem, penalty: penalty)
    objective.start(at: [Double](repeating: 0, count: objective.parameterCount))
    var iterates: [Visited] = []
    var newton = ProximalNewton(tolerance: tolerance, maximumIterations: 300)
    newton.largestJointOrder = jointOrder
    let solution = newton.minimize(&objective) { iterate, _ in
      iterates.append(Visited(value: iterate.value, gap: iterate.gap))
    }
    return (iterates, solution)
  }

  @Test(arguments: ProblemShape.several, penalties)
  func theGapIsABoundAtEveryIterate(shape: ProblemShape, penalty: Penalty) {
    for seed in [1, 2, 3] as [UInt64] {
      check(shape.problem(seed: seed), penalty)
      check(shape.problem(LogisticLoss(classCount: shape.classCount), seed: seed), penalty)
      check(shape.problem(SquaredHingeLoss(classCount: shape.classCount), seed: seed), penalty)
    }
  }

  func check<Loss: CertifiableLoss>(_ problem: LinearProblem<Loss>, _ penalty: Penalty) {
    let (iterates, tight) = minimize(problem, penalty)
    #expect(tight.stopReason == .converged, "\(Loss.self): \(tight.last), \(tight.iterations) steps")
    let minimum = iterates.map(\.value).min()!
    for iterate in iterates {
      #expect(iterate.gap + 1e-12 * max(1, iterate.value) >= iterate.value - minimum)
    }
    // A penalized intercept is a weight like the others. If there is no intercept, its parameters stay 0.
    if case .none = problem.intercept {
      #expect(tight.parameters[problem.weightCount...].allSatisfy { $0 == 0 })
    }
  }

  /// The gap also bounds the distance of the objective from its minimum at random points, where the intercept is far
  /// from its optimum.
  @Test(arguments: ProblemShape.several, penalties)
  func theGapIsABoundAtRandomPoints(shape: ProblemShape, penalty: Penalty) {
    let problem = shape.problem(seed: 9)
    let minimum = minimize(problem, penalty).solution.last.value
    var numbers = Numbers(seed: 77)
    for scale in [0.01, 0.3, 3, 30] {
      var objective = PenalizedObjective(problem, penalty: penalty)
      objective.start(at: numbers.array(problem.parameterCount, scale: scale))
      let gap = objective.lossGradientAndGap().gap
      #expect(gap + 1e-12 * max(1, objective.value) >= objective.value - minimum)
    }
  }

  /// One matrix for all outputs leads to the same minimum as accelerated steps with a matrix for each output.
  @Test(arguments: ProblemShape.several, penalties)
  func bothModelsMeet(shape: ProblemShape, penalty: Penalty) {
    let joint = minimize(shape.problem(seed: 4), penalty, tolerance: 1e-9).solution
    let split = minimize(shape.problem(seed: 4), penalty, jointOrder: 0, tolerance: 1e-9).solution
    #expect(joint.stopReason == .converged && split.stopReason == .converged, "\(split)")
    #expect(abs(joint.last.value - split.last.value) <= 2e-9 * joint.last.value)
  }

  /// With a very small C, the penalty keeps all weights at 0, and the intercept gives the shares of the classes.
  @Test func aSmallCLeavesTheInterceptAlone() {
    let shape = ProblemShape(rows: 60, columns: 7, classCount: 3, c: 1e-3)
    let problem = shape.problem(seed: 2)
    // The error of the probabilities is about the square root of the gap.
    let solution = minimize(problem, .l1, tolerance: 1e-13).solution
    #expect(solution.stopReason == .converged)
    #expect(solution.parameters[..<problem.weightCount].allSatisfy { $0 == 0 })
    var totals = [0.0, 0, 0]
    for (label, cost) in zip(problem.labels, problem.costs) { totals[label] += cost }
    let sum = totals.reduce(0, +)
    let probabilities = MultiClass.multinomial.probabilities(
      scores: Array(solution.parameters[problem.weightCount...]))
    for (found, total) in zip(probabilities, totals) { #expect(abs(found - total / sum) < 1e-6) }
  }

  /// With a larger C, fewer weights are 0. An elastic net with hardly any L1 gives the result of L2.
  @Test func penaltiesDoWhatTheirNamesSay() {
    func zeros(_ c: Double, _ penalty: Penalty) -> Int {
      let problem = ProblemShape(rows: 200, columns: 30, classCount: 3, c: c, separation: 0.3).problem(
        seed: 5)
      return minimize(problem, penalty).solution.parameters[..<problem.weightCount].count { $0 == 0 }
    }
    let counts = [0.02, 0.2, 2].map { zeros($0, .l1) }
    #expect(counts == counts.sorted(by: >) && counts[0] > counts[2])
    #expect(zeros(0.2, .elasticNet(l1Ratio: 0.5)) < counts[1])

    let problem = ProblemShape(rows: 200, columns: 10, classCount: 3, c: 1).problem(seed: 5)
    let nearly = minimize(problem, .elasticNet(l1Ratio: 1e-9)).solution
    var ridge = LinearObjective(problem)
    ridge.start(at: [Double](repeating: 0, count: ridge.parameterCount))
    let exact = TruncatedNewton(tolerance: 1e-12, maximumIterations: 100).minimize(&ridge)
    #expect(abs(nearly.last.value - exact.last.value) <= 1e-7 * exact.last.value)
  }
}
