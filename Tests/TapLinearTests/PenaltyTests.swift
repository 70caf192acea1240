// Compares logistic regressions under every penalty with scikit-learn and NumPy: see
// Tests/Reference/linear/generate_penalties.py.

import FoundationEssentials
import TapLinear
import TapTensors
import TestSupport
import Testing

struct PenaltyTests {
  struct Fit: Decodable, Sendable, CustomTestStringConvertible {
    let data: String
    let multiClass: String
    let c: Double
    let l1Ratio: Double?
    let columns: Int?
    let objective: Double
    let zeros: Int

    var testDescription: String {
      "\(data), \(multiClass), C \(c), " + (l1Ratio.map { "ratio \($0)" } ?? "no penalty")
    }

    var penalty: Penalty {
      switch l1Ratio {
      case nil: Penalty.none
      case 0: .l2
      case 1: .l1
      case let ratio?: .elasticNet(l1Ratio: ratio)
      }
    }
  }

  static let fits: [Fit] = {
    let path = Repository.path("Tests/Reference/linear/penalties.json")
    return (try? JSONDecoder().decode([Fit].self, from: Data(contentsOf: URL(filePath: path)))) ?? []
  }()

  let sets: [ScikitLearnTests.DataSet]

  init() throws { sets = try ScikitLearnTests().sets }

  func features(_ data: ScikitLearnTests.DataSet, columns: Int?) -> MatrixView {
    guard let columns else {
      return MatrixView(rows: data.rows, columns: data.columns, elements: data.features)
    }
    let elements = (0..<data.rows).flatMap { row in
      data.features[(row * data.columns)..<(row * data.columns + columns)]
    }
    return MatrixView(rows: data.rows, columns: columns, elements: elements)
  }

  @Test func thereAreReferences() { #expect(Self.fits.count == 54) }

  @Test(arguments: fits)
  func reachesTheReference(fit: Fit) throws {
    let data = try #require(sets.first { $0.name == fit.data })
    for solver in fit.penalty == .none ? [LogisticSolver.newton, .lbfgs] : [.automatic] {
      let model = LogisticRegression(
        c: fit.c, multiClass: try #require(MultiClass(rawValue: fit.multiClass)), penalty: fit.penalty,
        solver: solver, standardization: .standardDeviation,
        tolerance: solver == .lbfgs ? 1e-7 : fit.penalty == .none ? 1e-12 : 1e-10)
      let fitted = try model.fit(
        features(data, columns: fit.columns), labels: data.labels, classCount: data.classCount)
      #expect(fitted.converged, "\(fitted.stopReason), \(fitted.relativeGap), \(fitted.iterations)")
      let excess = (fitted.objective - fit.objective) / fit.objective
      #expect(excess <= 1e-9 && excess >= -1e-7, "\(excess)")
      guard fit.penalty != .none else {
        #expect(fitted.gap == .infinity)
        continue
      }
      #expect(fitted.gap + 1e-12 * max(1, fit.objective) >= fitted.objective - fit.objective)
      // A weight that is 0 for the scaled features is also exactly 0 for the raw features.
      let (count, total) = fitted.nonzeroWeights
      if fit.penalty.name != "l2" { #expect(abs(total - count - fit.zeros) <= 2, "\(count) of \(total)") }
      #expect(fitted.weights.count { $0 != 0 } == (data.classCount == 2 ? 2 : 1) * count)
    }
  }

  struct Sparse: Decodable {
    let loss: String
    let c: Double
    let objective: Double
    let zeros: Int
  }

  /// The problem is LIBLINEAR's problem, in which the bias is a weight.
  @Test func reachesLIBLINEAR() throws {
    let path = Repository.path("Tests/Reference/linear/sparse.json")
    let fits = try JSONDecoder().decode([Sparse].self, from: Data(contentsOf: URL(filePath: path)))
    let data = try #require(sets.first { $0.name == "breast_cancer" })
    #expect(fits.count == 5)
    for fit in fits {
      let features = features(data, columns: nil)
      let bias = Intercept.penalized(scale: 1)
      let fitted =
        fit.loss == "logistic"
        ? try LogisticRegression(c: fit.c, penalty: .l1, intercept: bias).fit(
          features, labels: data.labels, classCount: 2)
        : try LinearSVM(c: fit.c, penalty: .l1, intercept: bias).fit(
          features, labels: data.labels, classCount: 2)
      let excess = (fitted.objective - fit.objective) / fit.objective
      #expect(fitted.converged && excess <= 1e-9 && excess >= -1e-7, "\(fit): \(excess)")
      #expect(fitted.gap + 1e-12 * max(1, fit.objective) >= fitted.objective - fit.objective)
      let (count, total) = fitted.nonzeroWeights
      #expect(total - count == fit.zeros)
    }
  }

  @Test func svmsRefuseWhatTheyAreNotFittedUnder() {
    let features = MatrixView(rows: 4, columns: 1, elements: [0, 1, 2, 3])
    for (loss, penalty) in [(HingeLoss.hinge, Penalty.l1), (.squaredHinge, .none)] {
      let expected = LinearModelError.penaltyForLoss(penalty: penalty.name, loss: loss.rawValue)
      #expect(throws: expected) {
        try LinearSVM(loss: loss, penalty: penalty).fit(features, labels: [0, 1, 0, 1], classCount: 2)
      }
    }
  }

  /// The classes of some data cannot be separated, the classes of other data are separated by a line, and the classes
  /// of the remaining data only touch.
  @Test(arguments: [MultiClass.multinomial, .oneVersusRest], [LogisticSolver.newton, .lbfgs])
  func separableClassesHaveNoMinimum(multiClass: MultiClass, solver: LogisticSolver) throws {
    let model = LogisticRegression(multiClass: multiClass, penalty: .none, solver: solver)
    let apart = MatrixView(rows: 6, columns: 2, elements: [0, 0, 1, 0, 5, 1, 6, 2, 0, 7, 1, 8])
    let three = try model.fit(apart, labels: [0, 0, 1, 1, 2, 2], classCount: 3)
    #expect(three.stopReason == .separable && !three.converged)
    #expect(try three.predictions(apart) == [0, 0, 1, 1, 2, 2])
    #expect(try model.fit(apart, labels: [0, 0, 1, 1, 1, 1], classCount: 2).stopReason == .separable)
    // One-dimensional rows whose classes overlap have a minimum.
    let mixed = MatrixView(rows: 6, columns: 1, elements: [0, 1, 2, 3, 4, 5])
    let overlapping = try model.fit(mixed, labels: [0, 0, 1, 0, 1, 1], classCount: 2)
    #expect(overlapping.converged && overlapping.gap == .infinity)
    // These rows are separated except for a tie. The loss has no minimum for these rows either, although no weights
    // predict every row correctly.
    let tied = MatrixView(rows: 6, columns: 1, elements: [0, 1, 2, 2, 3, 4])
    // One class of iris is separable from the two other classes. These two are not separable from each other.
    let iris = try #require(sets.first { $0.name == "iris" })
    let partly = try model.fit(features(iris, columns: 2), labels: iris.labels, classCount: 3)
    #expect(partly.stopReason == .separable)
    let quasi = try LogisticRegression(penalty: .none).fit(tied, labels: [0, 0, 0, 1, 1, 1], classCount: 2)
    #expect(quasi.stopReason == .separable, "\(quasi.stopReason) after \(quasi.iterations)")
  }

  /// A fit that starts at the minimum converges at once. Its convergence is not measured relative to the gradient at
  /// its start.
  @Test(arguments: [LogisticSolver.newton, .lbfgs])
  func withoutAPenaltyAStartAtTheMinimumConverges(solver: LogisticSolver) throws {
    let mixed = MatrixView(rows: 6, columns: 1, elements: [0, 1, 2, 3, 4, 5])
    let labels = [0, 0, 1, 0, 1, 1]
    let model = LinearModel.logistic(LogisticRegression(penalty: .none, solver: solver))
    let cold = try model.fit(mixed, labels: labels, classCount: 2)
    let warm = try model.fit(mixed, labels: labels, classCount: 2, from: WarmStart(cold))
    #expect(
      cold.converged && warm.converged && warm.iterations <= 1, "\(warm.stopReason), \(warm.iterations)")
    #expect(abs(warm.objective - cold.objective) <= 1e-9 * cold.objective)
  }

  @Test func refusesWhatDoesNotFit() {
    let features = MatrixView(rows: 4, columns: 1, elements: [0, 1, 2, 3])
    func fit(_ model: LogisticRegression) throws(LinearModelError) {
      _ = try model.fit(features, labels: [0, 1, 0, 1], classCount: 2)
    }
    for ratio in [-0.1, 1.5, .nan] {
      do {
        try fit(LogisticRegression(penalty: .elasticNet(l1Ratio: ratio)))
        Issue.record("fitted with \(ratio)")
      } catch { #expect(error.description.contains("it must be from 0 (L2) to 1 (L1)")) }
    }
    #expect(throws: LinearModelError.solverForPenalty(solver: "lbfgs", penalty: "l1")) {
      try fit(LogisticRegression(penalty: .l1, solver: .lbfgs))
    }
  }

  /// Under L1, each fit of a path of C starts at the last fit. The result equals the result of a fit that starts at 0.
  @Test func warmStartsMeet() throws {
    let data = sets[1]
    var model = LogisticRegression(c: 0.1, penalty: .l1, tolerance: 1e-10)
    let prepared = try model.prepare(
      features(data, columns: nil), labels: data.labels, classCount: data.classCount)
    let small = try model.fit(prepared)
    model.c = 2
    let (warm, cold) = (try model.fit(prepared, start: FitStart(small)), try model.fit(prepared))
    #expect(warm.converged && cold.converged)
    #expect(abs(warm.objective - cold.objective) <= 2e-10 * cold.objective)
  }
}
