// The estimator of linear SVMs: its optimum is compared with LIBLINEAR's and LIBSVM's. Its gap must be a bound at every
// iterate. Its two ways to Newton's direction must agree.

import FoundationEssentials
import TapKernels
import TapLinear
import TapTensors
import TestSupport
import Testing

struct LinearSVMTests {
  struct Visited {
    var value: Double
    var gap: Double
  }

  func squared(_ shape: ProblemShape, seed: UInt64, tolerance: Double, withGram: Bool = true) -> (
    iterates: [Visited], solution: SolverResult
  ) {
    var objective = LinearObjective(
      shape.problem(SquaredHingeLoss(classCount: shape.classCount), seed: seed, withGram: withGram))
    objective.start(at: [Double](repeating: 0, count: objective.parameterCount))
    var iterates: [Visited] = []
    let solution = TruncatedNewton(tolerance: tolerance, maximumIterations: 300)
      .minimize(&objective) { iterate, _ in iterates.append(Visited(value: iterate.value, gap: iterate.gap)) }
    return (iterates, solution)
  }

  func hinge(_ shape: ProblemShape, seed: UInt64, tolerance: Double, withGram: Bool = true) -> (
    iterates: [Visited], solution: SolverResult
  ) {
    var objective = LinearObjective(
      shape.problem(
        SmoothedHingeLoss(classCount: shape.classCount, width: 1), seed: seed, withGram: withGram))
    objective.start(at: [Double](repeating: 0, count: objective.parameterCount))
    var iterates: [Visited] = []
    let solution = AugmentedLagrangian(tolerance: tolerance, maximumIterations: 2000)
      .minimize(&objective) { iterate, _ in iterates.append(Visited(value: iterate.value, gap: iterate.gap)) }
    return (iterates, solution)
  }

  @Test(arguments: ProblemShape.several, [1, 2, 3] as [UInt64])
  func theGapIsABoundAtEveryIterate(shape: ProblemShape, seed: UInt64) {
    for (iterates, tight) in [
      squared(shape, seed: seed, tolerance: 1e-12), hinge(shape, seed: seed, tolerance: 1e-11),
    ] {
      #expect(tight.stopReason == .converged)
      let minimum = iterates.map(\.value).min()!
      for iterate in iterates {
        #expect(iterate.gap + 1e-12 * max(1, abs(iterate.value)) >= iterate.value - minimum)
      }
    }
  }

  /// Conjugate gradient alone reaches the same minimum as exact directions.
  @Test(arguments: ProblemShape.several)
  func bothWaysToTheDirectionMeet(shape: ProblemShape) {
    for solve in [squared, hinge] {
      let exact = solve(shape, 4, 1e-10, true).solution
      let iterative = solve(shape, 4, 1e-10, false).solution
      #expect(exact.stopReason == .converged && iterative.stopReason == .converged)
      #expect(abs(exact.last.value - iterative.last.value) <= 2e-10 * exact.last.value)
    }
  }

  // MARK: The estimator

  struct Fit: Decodable {
    let c: Double
    let loss: String
    let objective: Double
  }

  struct DataSet: Decodable {
    let name: String
    let rows: Int
    let columns: Int?
    let features: [Float]?
    let labels: [Int]?
    let fits: [Fit]
  }

  @Test func reachesTheReferences() throws {
    let path = Repository.path("Tests/Reference/linear/svm.json")
    let sets = try JSONDecoder().decode([DataSet].self, from: Data(contentsOf: URL(filePath: path)))
    let data = try #require(sets.first { $0.name == "breast_cancer" })
    let features = MatrixView(
      rows: data.rows, columns: try #require(data.columns), elements: try #require(data.features))
    #expect(data.fits.count == 6)
    for fit in data.fits {
      let model = LinearSVM(c: fit.c, loss: try #require(HingeLoss(rawValue: fit.loss)))
      let fitted = try model.fit(features, labels: try #require(data.labels), classCount: 2)
      let excess = (fitted.objective - fit.objective) / fit.objective
      #expect(fitted.converged && excess <= 1e-9 && excess >= -1e-6, "\(fit): \(excess)")
      #expect(fitted.gap + 1e-12 * max(1, fit.objective) >= fitted.objective - fit.objective)
    }
  }

  /// Points of three classes in a plane. One class lies between the others.
  let features = MatrixView(
    rows: 9, columns: 2,
    elements: [0, 0, 0.2, 0.9, 0.5, 0.1, 2, 2, 2.3, 1.8, 1.9, 2.4, 4, 0, 4.2, 0.3, 3.7, 0.2])
  let labels = [0, 0, 0, 1, 1, 1, 2, 2, 2]

  @Test(arguments: HingeLoss.allCases)
  func separatesAndGivesMargins(loss: HingeLoss) throws {
    let fitted = try LinearSVM(c: 100, loss: loss).fit(features, labels: labels, classCount: 3)
    #expect(fitted.kind == .svm && fitted.converged)
    #expect(try fitted.predictions(features) == labels)
    #expect(throws: LinearModelError.noProbabilities) { try fitted.probabilities(features) }
    let two = try LinearSVM(c: 1e4, loss: loss, standardization: .none).fit(
      features, rows: Array(0..<6), labels: labels, classCount: 2)
    let scores = try two.scores(features, rows: Array(0..<6))
    for row in 0..<6 {
      let (own, other) = (scores[2 * row + labels[row]], scores[2 * row + 1 - labels[row]])
      if loss == .crammerSinger {
        // The two scores sum to 0. For separated rows they are at least 1 apart.
        #expect(abs(own + other) <= 1e-12 * abs(own) && own - other >= 1 - 1e-3)
      } else {
        // Two classes have one score, and separated rows lie at margin 1 or beyond.
        #expect(own == -other && own >= 1 - 1e-3)
      }
    }
  }

  @Test(arguments: HingeLoss.allCases)
  func weightsCountRows(loss: HingeLoss) throws {
    let model = LinearSVM(c: 1, loss: loss, standardization: .none, tolerance: 1e-11)
    let weights: [Double] = [2, 1, 1, 1, 1, 0, 1, 1, 1]
    let twice = try model.fit(features, labels: labels, classCount: 3, sampleWeights: weights)
    let repeated = try model.fit(
      features, rows: [0, 0, 1, 2, 3, 4, 6, 7, 8], labels: labels, classCount: 3)
    #expect(abs(twice.objective - repeated.objective) <= 3e-11 * twice.objective)

  }

  /// Newton steps from the optimum of the last C reach the result of a fit from 0, without epochs of dual descent
  /// before.
  @Test(arguments: [2, 3]) func warmStartsMeet(classCount: Int) throws {
    let (features, labels) = overlapping(rows: 1_500, columns: 10, classCount: classCount)
    var model = LinearSVM(c: 0.01, standardization: .none, tolerance: 1e-11)
    let data = try model.prepare(features, labels: labels, classCount: classCount)
    let small = try model.fit(data)
    model.c = 5
    let (warm, cold) = (try model.fit(data, start: FitStart(small)), try model.fit(data))
    #expect(warm.solver == .truncatedNewton && warm.converged)
    #expect(warm.iterations < 5 && warm.iterations < cold.iterations)
    #expect(abs(warm.objective - cold.objective) <= 3e-11 * cold.objective)
  }

  /// After dual descent, Newton steps begin at the better of two points: the point that descent reached, and the
  /// optimum of the last C. In this test, the latter is nearly the solution.
  @Test func whatDescentLeavesBeginsAtTheBetterPoint() throws {
    let (narrow, labels) = overlapping(rows: 300, columns: 60)
    // The added columns of zeros make the number of columns too large for exact steps.
    var elements: [Float] = []
    for row in labels.indices {
      narrow.withRow(row) { values in
        for j in 0..<140 { elements.append(j < 60 ? values[j] : 0) }
      }
    }
    let features = MatrixView(rows: 300, columns: 140, elements: elements)
    var model = LinearSVM(c: 99.99, standardization: .none, tolerance: 1e-7)
    let data = try model.prepare(features, labels: labels, classCount: 3)
    let last = try model.fit(data)
    model.c = 100
    let (warm, cold) = (try model.fit(data, start: FitStart(last)), try model.fit(data))
    #expect(cold.solver == .truncatedNewton && warm.solver == .truncatedNewton)
    // Both fits have the same epochs of descent, up to 1,000 in a round.
    #expect(warm.iterations > 100 && warm.iterations < cold.iterations)
    #expect(abs(warm.objective - cold.objective) <= 2e-7 * cold.objective)
  }

  /// Rows of classes that overlap: normal numbers around means.
  private func overlapping(
    rows: Int, columns: Int, classCount: Int = 3
  ) -> (features: MatrixView, labels: [Int]) {
    var numbers = Numbers(seed: 31)
    let labels = (0..<rows).map { $0 % classCount }
    let means = numbers.array(classCount * columns, scale: 0.3)
    let elements = (0..<rows * columns).map {
      Float(means[labels[$0 / columns] * columns + $0 % columns] + numbers.next())
    }
    return (MatrixView(rows: rows, columns: columns, elements: elements), labels)
  }

  /// If there are many rows for each feature, dual descent stops early, and Newton steps follow.
  @Test(arguments: [HingeLoss.squaredHinge, .hinge])
  func manyRowsAreLeftToNewtonSteps(loss: HingeLoss) throws {
    let (features, labels) = overlapping(rows: 1_500, columns: 10)
    let fitted = try LinearSVM(c: 100, loss: loss, tolerance: 1e-6).fit(
      features, labels: labels, classCount: 3)
    #expect(fitted.converged && fitted.solver == (loss == .hinge ? .augmentedLagrangian : .truncatedNewton))
    #expect(fitted.iterations < 200)
  }

  /// If there are few rows, dual descent from 0 is faster than Newton steps, also on a path of C. Only a refit begins
  /// at its start.
  @Test func fewRowsAreNotLeftToNewtonSteps() throws {
    let (features, labels) = overlapping(rows: 60, columns: 80)
    var model = LinearSVM(c: 0.01, tolerance: 1e-6)
    let data = try model.prepare(features, labels: labels, classCount: 3)
    let small = try model.fit(data)
    model.c = 1
    let (cold, next) = (try model.fit(data), try model.fit(data, start: FitStart(small)))
    #expect(cold.solver == .dualDescent && cold.converged)
    #expect(next.weights == cold.weights && next.bias == cold.bias && next.iterations == cold.iterations)
    let refit = try LinearModel.svm(model).fit(
      features, labels: labels, classCount: 3, from: WarmStart(small))
    #expect(refit.solver == .truncatedNewton && refit.converged)
    #expect(abs(refit.objective - cold.objective) <= 3e-6 * cold.objective)
  }

  /// The rows suffice for several shards, and 600 columns suffice for several vectors of each row. The number of
  /// threads changes no bit. Another implementation of matrix products changes the result only by rounding.
  @Test(arguments: [
    (HingeLoss.squaredHinge, 6), (.hinge, 6), (.crammerSinger, 6), (.squaredHinge, 600), (.hinge, 600),
  ])
  func threadsAndProductsDoNotMatter(loss: HingeLoss, columns: Int) throws {
    var numbers = Numbers(seed: 12)
    let rows = 700
    let labels = (0..<rows).map { $0 % 3 }
    let means = numbers.array(3 * columns, scale: 0.7)
    let features = MatrixView(
      rows: rows, columns: columns,
      elements: (0..<(rows * columns)).map {
        Float(means[labels[$0 / columns] * columns + $0 % columns] + numbers.next())
      })
    let fits = try [MatrixProduct.portable, .openBLAS].map { product in
      var one = LinearSVM(c: 0.3, loss: loss, threads: 1)
      one.product = product
      var four = one
      four.threads = 4
      let (a, b) = (
        try one.fit(features, labels: labels, classCount: 3),
        try four.fit(features, labels: labels, classCount: 3)
      )
      #expect(a.weights == b.weights && a.bias == b.bias && a.converged)
      return a
    }
    #expect(abs(fits[0].objective - fits[1].objective) <= 2e-9 * fits[0].objective)
  }

  /// Far from 0, single precision cannot separate rows, so the columns are moved. The solver is then the same.
  @Test(arguments: HingeLoss.allCases)
  func theSolverIsTheOneThatRan(loss: HingeLoss) throws {
    let (wide, classes) = overlapping(rows: 60, columns: 80)
    let near = try LinearSVM(c: 1, loss: loss, tolerance: 1e-3).fit(wide, labels: classes, classCount: 3)
    #expect(near.solver == .dualDescent && near.hessianProducts == 0 && near.converged)
    let far = OddData(.farFromZero, classCount: 3, seed: 1)
    let other = try LinearSVM(c: 1, loss: loss).fit(far.features, labels: far.labels, classCount: 3)
    var elements: [Float] = []
    for row in far.labels.indices {
      far.features.withRow(row) { values in
        for j in values.indices { elements.append(values[j] - 1e4) }
      }
    }
    let moved = MatrixView(rows: far.labels.count, columns: far.features.columns, elements: elements)
    let same = try LinearSVM(c: 1, loss: loss).fit(moved, labels: far.labels, classCount: 3)
    #expect(other.solver == same.solver && other.converged && same.converged)
    #expect(abs(other.objective - same.objective) <= 2e-9 * same.objective)
    let sparse = try LinearSVM(c: 1, penalty: .l1).fit(features, labels: labels, classCount: 3)
    #expect(sparse.solver == .proximalNewton)
    for (solver, expected) in [(LogisticSolver.automatic, Solver.truncatedNewton), (.lbfgs, .lbfgs)] {
      let logistic = LogisticRegression(solver: solver)
      #expect(try logistic.fit(features, labels: labels, classCount: 3).solver == expected)
    }
    #expect(try NearestMean().fit(features, labels: labels, classCount: 3).solver == .classMeans)
  }

  /// LIBLINEAR penalizes the intercept. This equals a fit without an intercept on features with an appended constant
  /// column.
  @Test(arguments: HingeLoss.allCases)
  func aPenalizedInterceptIsAnAppendedColumn(loss: HingeLoss) throws {
    var elements: [Float] = []
    for row in 0..<9 { elements += features.withRow(row) { [$0[0], $0[1], 2] } }
    let appended = MatrixView(rows: 9, columns: 3, elements: elements)
    func objective(_ intercept: Intercept, _ features: MatrixView) throws -> Double {
      try LinearSVM(c: 1, loss: loss, standardization: .none, intercept: intercept, tolerance: 1e-11)
        .fit(features, labels: labels, classCount: 3).objective
    }
    let (left, right) = (try objective(.penalized(scale: 2), features), try objective(.none, appended))
    #expect(abs(left - right) <= 3e-11 * left)
    #expect(try objective(.free, features) < left)
  }
}
