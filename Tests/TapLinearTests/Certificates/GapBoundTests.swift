// The duality gap is a bound on data of every kind: at each iterate of each solver, at random points, and at each point
// where an estimator is made to stop.

import TapKernels
import TapLinear
import TapTensors
import Testing

struct GapBoundTests {
  struct Point: Sendable {
    var value: Double
    var gap: Double

    func bounds(_ minimum: Double) -> Bool { gap + 1e-12 * max(1, abs(value)) >= value - minimum }
  }

  static let settings: [(c: Double, intercept: Intercept)] = [
    (0.01, .free), (1, .free), (100, .free), (1, .penalized(scale: 2)), (1, .none),
  ]

  // MARK: Solvers and objectives

  /// Checks the bounds at all points that a solver visits, and at random points, against the lowest value that the
  /// solver found.
  private func expectBounds<Loss>(
    _ problem: LinearProblem<Loss>, _ comment: Comment, tolerance: Double = 1e-9,
    _ minimize: (inout LinearObjective<Loss>, (SolverState, [Double]) -> Void) ->
      SolverResult
  ) {
    var objective = LinearObjective(problem)
    objective.start(at: [Double](repeating: 0, count: objective.parameterCount))
    var points: [Point] = []
    let solution = minimize(&objective) { iterate, _ in
      points.append(Point(value: iterate.value, gap: iterate.gap))
    }
    #expect(solution.last.gap <= tolerance * solution.last.value, comment)
    let minimum = points.map(\.value).min() ?? .nan
    var numbers = Numbers(seed: 77)
    for scale in [0.01, 0.3, 3, 30] {
      var elsewhere = LinearObjective(problem)
      elsewhere.start(at: numbers.array(problem.parameterCount, scale: scale))
      points.append(Point(value: elsewhere.value, gap: elsewhere.gradientAndGap().gap))
    }
    for point in points { #expect(point.bounds(minimum), comment) }
  }

  @Test(arguments: Oddity.allCases, [2, 3, 7])
  func boundsAtEveryIterateAndAnywhere(oddity: Oddity, classCount: Int) throws {
    let data = OddData(oddity, classCount: classCount, seed: 5)
    let newton = TruncatedNewton(tolerance: 1e-12, maximumIterations: 500)
    for (c, intercept) in Self.settings {
      let comment: Comment = "C \(c), intercept \(intercept)"
      try expectBounds(
        data.problem(SoftmaxLoss(classCount: classCount), c: c, intercept: intercept), "softmax, \(comment)"
      ) { newton.minimize(&$0, observe: $1) }
      try expectBounds(
        data.problem(LogisticLoss(classCount: classCount), c: c, intercept: intercept), "logistic, \(comment)"
      ) { newton.minimize(&$0, observe: $1) }
      try expectBounds(
        data.problem(SquaredHingeLoss(classCount: classCount), c: c, intercept: intercept),
        "squared hinge, \(comment)"
      ) { newton.minimize(&$0, observe: $1) }
      try expectBounds(
        data.problem(SmoothedHingeLoss(classCount: classCount, width: 1), c: c, intercept: intercept),
        // At C = 100 and on features far from 0, the augmented Lagrangian ends with a relative gap of 9e-8.
        "hinge, \(comment)", tolerance: oddity == .farFromZero ? 1e-6 : 1e-9
      ) { AugmentedLagrangian(tolerance: 1e-12, maximumIterations: 3000).minimize(&$0, observe: $1) }
      try expectBounds(
        data.problem(CrammerSingerLoss(classCount: classCount, width: 1), c: c, intercept: intercept),
        "Crammer and Singer, \(comment)"
      ) { AugmentedLagrangian(tolerance: 1e-12, maximumIterations: 3000).minimize(&$0, observe: $1) }
    }
  }

  // MARK: Estimators

  /// Every estimator whose objective has a certificate.
  static func models(c: Double, intercept: Intercept) -> [any RegularizedEstimator] {
    [
      LogisticRegression(c: c, standardization: .standardDeviation, intercept: intercept),
      LogisticRegression(
        c: c, multiClass: .oneVersusRest, standardization: .standardDeviation, intercept: intercept),
      LogisticRegression(c: c, penalty: .l1, standardization: .standardDeviation, intercept: intercept),
      LogisticRegression(
        c: c, penalty: .elasticNet(l1Ratio: 0.5), standardization: .standardDeviation, intercept: intercept),
      LogisticRegression(
        c: c, multiClass: .oneVersusRest, penalty: .l1, standardization: .standardDeviation,
        intercept: intercept),
      LogisticRegression(
        c: c, multiClass: .oneVersusRest, penalty: .elasticNet(l1Ratio: 0.3),
        standardization: .standardDeviation, intercept: intercept),
      LogisticRegression(
        c: c, solver: .lbfgs, standardization: .standardDeviation, intercept: intercept),
      LinearSVM(c: c, loss: .squaredHinge, standardization: .standardDeviation, intercept: intercept),
      LinearSVM(
        c: c, loss: .squaredHinge, penalty: .l1, standardization: .standardDeviation, intercept: intercept),
      LinearSVM(
        c: c, loss: .squaredHinge, penalty: .elasticNet(l1Ratio: 0.5), standardization: .standardDeviation,
        intercept: intercept),
      LinearSVM(c: c, loss: .hinge, standardization: .standardDeviation, intercept: intercept),
      LinearSVM(c: c, loss: .crammerSinger, standardization: .standardDeviation, intercept: intercept),
    ]
  }

  private func fit(
    _ settings: any RegularizedEstimator, _ data: OddData, tolerance: Double, limit: Int = 3000,
    product: MatrixProduct = .openBLAS
  ) throws -> FittedLinearModel {
    var model = settings
    model.tolerance = tolerance
    model.maximumIterations = limit
    model.product = product
    return try model.fit(
      model.prepare(
        data.features, labels: data.labels, classCount: data.classCount, sampleWeights: data.weights))
  }

  @Test(arguments: Oddity.allCases, [2, 3, 7])
  func boundsWhereverAnEstimatorStops(oddity: Oddity, classCount: Int) throws {
    let data = OddData(oddity, classCount: classCount, seed: 6)
    for (c, intercept) in Self.settings {
      for model in Self.models(c: c, intercept: intercept) {
        let comment: Comment = "\(String(describing: model))"
        let tight = try fit(model, data, tolerance: 1e-12)
        #expect(tight.relativeGap <= 1e-9, comment)
        var stops = [tight]
        for limit in [1, 2, 3, 5, 8, 13] {
          stops.append(try fit(model, data, tolerance: 1e-12, limit: limit))
        }
        for tolerance in [0.5, 0.1, 0.01, 1e-4, 1e-7] {
          stops.append(try fit(model, data, tolerance: tolerance))
        }
        let minimum = stops.map(\.objective).min() ?? .nan
        for stop in stops {
          let point = Point(value: stop.objective, gap: stop.gap)
          #expect(point.bounds(minimum), comment)
          // The bound holds for the objective as defined. Margins of about 1 are rounded, and C multiplies this error.
          let defined = Definition.objective(of: stop, model, data)
          let rounding = 2e-14 * c * Double(data.labels.count * classCount)
          #expect(abs(stop.objective - defined) <= 1e-9 * max(1e-3, defined) + rounding, comment)
        }
      }
    }
  }

  /// The gradient norm of smooth objectives is that of the definition, at points where it is not yet 0.
  @Test(arguments: [Oddity.tall, .unbalanced, .constantColumns], [2, 3])
  func gradientNormsAreThoseOfTheDefinition(oddity: Oddity, classCount: Int) throws {
    let data = OddData(oddity, classCount: classCount, seed: 8)
    for (c, intercept) in Self.settings {
      var smooth = Self.models(c: c, intercept: intercept).filter { model in
        switch model {
        case let model as LogisticRegression: model.penalty == .l2
        case let model as LinearSVM: model.loss == .squaredHinge && model.penalty == .l2
        default: false
        }
      }
      #expect(smooth.count == 4)
      smooth.append(
        LogisticRegression(
          c: c, penalty: .none, standardization: .standardDeviation, intercept: intercept))
      for model in smooth {
        let fitted = try fit(model, data, tolerance: 0.01, limit: 3)
        let expected = Definition.gradientNorm(of: fitted, model, data)
        let comment: Comment = "\(fitted.gradientNorm), not \(expected): \(String(describing: model))"
        #expect(abs(fitted.gradientNorm - expected) <= 1e-4 * expected + 1e-8 * fitted.objective, comment)
      }
    }
  }

  /// With matrix products in plain Swift, the same optimum is certified.
  @Test(arguments: Oddity.allCases, [2, 3])
  func plainSwiftReachesTheSameCertifiedOptimum(oddity: Oddity, classCount: Int) throws {
    let data = OddData(oddity, classCount: classCount, seed: 7)
    for model in Self.models(c: 1, intercept: .free) {
      let comment: Comment = "\(String(describing: model))"
      let plain = try fit(model, data, tolerance: 1e-10, product: .portable)
      let fast = try fit(model, data, tolerance: 1e-10)
      #expect(plain.converged && fast.converged, comment)
      #expect(abs(plain.objective - fast.objective) <= 1e-10 * fast.objective, comment)
    }
  }
}
