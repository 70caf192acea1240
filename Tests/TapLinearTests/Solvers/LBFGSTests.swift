// L-BFGS reaches the certified minimum that Newton's method reaches, and its gap is a bound at every iterate.

import TapKernels
import TapLinear
import Testing

struct LBFGSTests {
  @Test(arguments: ProblemShape.several)
  func reachesNewtonsMinimum(shape: ProblemShape) {
    check(shape.problem(seed: 3))
    check(shape.problem(LogisticLoss(classCount: shape.classCount), seed: 3))
  }

  func check<Loss: CertifiableLoss>(_ problem: LinearProblem<Loss>) {
    var objective = LinearObjective(problem)
    objective.start(at: [Double](repeating: 0, count: objective.parameterCount))
    let newton = TruncatedNewton(tolerance: 1e-12, maximumIterations: 300).minimize(&objective)
    objective.start(at: [Double](repeating: 0, count: objective.parameterCount))
    var isBound = true
    let found = LBFGS(tolerance: 1e-9, maximumIterations: 20000).minimize(&objective) { iterate, _ in
      isBound = isBound && iterate.gap + 1e-12 * max(1, iterate.value) >= iterate.value - newton.last.value
    }
    #expect(found.stopReason == .converged && isBound, "\(found.last), \(found.iterations)")
    #expect(abs(found.last.value - newton.last.value) <= 1e-9 * newton.last.value)
  }

  @Test func admitsThatItStoppedEarly() {
    var objective = LinearObjective(ProblemShape.several[2].problem(seed: 3))
    objective.start(at: [Double](repeating: 0, count: objective.parameterCount))
    let found = LBFGS(tolerance: 1e-9, maximumIterations: 3).minimize(&objective)
    #expect(found.stopReason == .iterationLimit && found.iterations == 3)
  }
}
