// The start of a fit must not matter, even if costs are large, if its weights are in another unit, or if the minimum is
// 0.

import TapLinear
import TapTensors
import Testing

struct FirstStepTests {
  @Test(arguments: [1e-6, 1, 1e4, 1e8, 1e12])
  func lbfgsTakesSteps(c: Double) throws {
    var numbers = Numbers(seed: 5)
    let rows = numbers.array(500)
    let labels = (0..<100).map { rows[5 * $0] + numbers.next() + numbers.next() > 0 ? 1 : 0 }
    let features = MatrixView(rows: 100, columns: 5, elements: rows.map { Float($0) })
    let newton = try LogisticRegression(c: c).fit(features, labels: labels, classCount: 2)
    let found = try LogisticRegression(c: c, solver: .lbfgs).fit(features, labels: labels, classCount: 2)
    #expect(newton.converged && found.iterations > 0)
    #expect(
      abs(found.objective - newton.objective) <= 1e-8 * newton.objective,
      "\(found.objective), not \(newton.objective): \(found.stopReason)")
  }

  static let models: [LinearModel] = [
    .logistic(LogisticRegression(tolerance: 1e-8)),
    .logistic(LogisticRegression(penalty: .l1, tolerance: 1e-8)),
    .logistic(LogisticRegression(solver: .lbfgs, tolerance: 1e-8)),
    .logistic(LogisticRegression(multiClass: .oneVersusRest, tolerance: 1e-8)),
    .svm(LinearSVM(tolerance: 1e-8)), .svm(LinearSVM(penalty: .l1, tolerance: 1e-8)),
  ]

  /// The start has the weights of a model for features that are smaller by a factor of 10⁵.
  @Test(arguments: models) func aStartInAnotherUnitIsNone(model: LinearModel) throws {
    let (features, labels) = WarmStartTests.clouds(rows: 120)
    let cold = try model.fit(features, labels: labels, classCount: 4)
    let start = WarmStart(weights: cold.weights.map { 1e5 * $0 }, bias: cold.bias)
    let warm = try model.fit(features, labels: labels, classCount: 4, from: start)
    #expect(warm == cold, "\(model): \(warm.objective), \(cold.objective)")
  }

  @Test(arguments: models) func aMinimumAtZeroIsFound(model: LinearModel) throws {
    let features = MatrixView(rows: 8, columns: 1, elements: [1, 1, 2, 2, 1, 1, 2, 2])
    let fitted = try model.fit(features, labels: [1, 0, 1, 0, 1, 0, 1, 0], classCount: 2)
    #expect(fitted.converged, "\(model): \(fitted.stopReason)")
    #expect(fitted.weights.allSatisfy { abs($0) < 1e-6 })
  }
}
