// The estimator of logistic regression: its settings, its data and its results.

import TapLinear
import TapTensors
import Testing

struct LogisticRegressionTests {
  /// Rows of two columns whose class is the larger column, with a constant third.
  let features = MatrixView(
    rows: 6, columns: 3, elements: [2, 0, 7, 0, 2, 7, 3, 1, 7, 1, 3, 7, 1, 0, 7, 1, 1.5, 7])
  let labels = [0, 1, 0, 1, 0, 1]

  func fit(
    _ model: LogisticRegression = LogisticRegression(), _ features: MatrixView? = nil, labels: [Int]? = nil,
    classCount: Int = 2, weights: [Double]? = nil
  ) throws(LinearModelError) -> FittedLinearModel {
    try model.fit(
      features ?? self.features, labels: labels ?? self.labels, classCount: classCount, sampleWeights: weights
    )
  }

  @Test(arguments: Standardization.allCases)
  func separatesWhatIsSeparable(standardization: Standardization) throws {
    let fitted = try fit(LogisticRegression(c: 10, standardization: standardization))
    #expect(fitted.converged && fitted.stopReason == .converged)
    #expect(fitted.iterations >= 1 && fitted.hessianProducts >= fitted.iterations)
    #expect(try fitted.predictions(features) == labels)
    #expect(try fitted.predictions(features, rows: [5, 0]) == [1, 0])
    // A constant column separates nothing, so with scaling its weight is 0.
    if standardization.resolved == .standardDeviation { #expect(fitted.weights[2] == 0) }
    let probabilities = try fitted.probabilities(features)
    for row in 0..<6 {
      #expect(abs(probabilities[2 * row] + probabilities[2 * row + 1] - 1) < 1e-15)
      #expect(probabilities[2 * row + labels[row]] > 0.5)
    }
  }

  @Test func scoresAreWeightsTimesFeaturesPlusBias() throws {
    let fitted = try fit()
    let scores = try fitted.scores(features)
    for row in 0..<6 {
      for c in 0..<2 {
        let expected = features.withRow(row) { values in
          (0..<3).reduce(fitted.bias[c]) { $0 + fitted.weights[c * 3 + $1] * Double(values[$1]) }
        }
        #expect(abs(scores[row * 2 + c] - expected) < 1e-12)
      }
    }
  }

  @Test func scalerHoldsTheStatistics() throws {
    let std = try fit(LogisticRegression(standardization: .standardDeviation)).scaler
    #expect(abs(std.offset[0] - 8.0 / 6) < 1e-15 && std.offset[2] == 7)
    #expect(abs(std.scale[0] - (16.0 / 6 - 64.0 / 36).squareRoot()) < 1e-15 && std.scale[2] == 1)
    let maximum = try fit(LogisticRegression(standardization: .maximum)).scaler
    #expect(maximum.offset == [0, 0, 0] && maximum.scale == [3, 3, 7])
    #expect(try fit(LogisticRegression(standardization: .none)).scaler.isIdentity)
    #expect(try fit().scaler == std)
  }

  @Test func constantColumnsFarFromZeroStayConstant() throws {
    let elements = (0..<300).flatMap { row -> [Float] in [Float(row % 2), 1.1e7, 0.1] }
    let fitted = try LogisticRegression().fit(
      MatrixView(rows: 300, columns: 3, elements: elements), labels: (0..<300).map { $0 % 2 }, classCount: 2)
    #expect(fitted.scaler.scale[1] == 1 && fitted.scaler.scale[2] == 1)
    #expect(fitted.converged)
  }

  @Test func weightsCountRows() throws {
    let model = LogisticRegression(standardization: .none, tolerance: 1e-12)
    let twice = try fit(model, weights: [2, 1, 1, 1, 1, 0])
    let rows = [0, 0, 1, 2, 3, 4]
    let repeated = try model.fit(features, rows: rows, labels: labels, classCount: 2)
    #expect(abs(twice.objective - repeated.objective) <= 1e-11 * twice.objective)
    let uneven = [0, 0, 0, 0, 0, 1]
    var balanced = model
    balanced.classWeights = .balanced
    var explicit = model
    explicit.classWeights = .perClass([0.6, 3])
    #expect(try fit(balanced, labels: uneven).objective == fit(explicit, labels: uneven).objective)
  }

  @Test func aTinyCStillPredicts() throws {
    let fitted = try fit(LogisticRegression(c: 1e-12, tolerance: 1e-3))
    #expect(fitted.iterations >= 1)
    #expect(try fitted.predictions(features) == labels)
  }

  @Test func admitsWhatDidNotConverge() throws {
    let fitted = try fit(LogisticRegression(c: 1e6, maximumIterations: 1))
    #expect(!fitted.converged && fitted.stopReason == .iterationLimit)
    #expect(fitted.relativeGap > 1e-9 && fitted.iterations == 1)
  }

  @Test func warmStartReachesTheSameMinimum() throws {
    var settings = LogisticRegression(c: 0.1, tolerance: 1e-12)
    let prepared = try settings.prepare(features, labels: labels, classCount: 2)
    let small = try settings.fit(prepared)
    settings.c = 1
    let warm = try settings.fit(prepared, start: FitStart(small))
    let cold = try settings.fit(prepared)
    #expect(abs(warm.objective - cold.objective) <= 2e-12 * cold.objective)
  }

  /// A path of C continues along the parabola through its last three optima. The data have 20 rows, 6 features and
  /// three inseparable classes. Four of the six values of C are counted. With one-versus-rest, every class has its own
  /// step.
  @Test(arguments: [MultiClass.multinomial, .oneVersusRest])
  func goingOnAlongAPathReachesTheSameMinimumSooner(multiClass: MultiClass) throws {
    var numbers = Numbers(seed: 5)
    let features = MatrixView(rows: 20, columns: 6, elements: numbers.array(120).map { Float($0) })
    let labels = (0..<20).map { ($0 * 7 / 3) % 3 }
    var settings = LogisticRegression(multiClass: multiClass, tolerance: 1e-6)
    let prepared = try settings.prepare(features, labels: labels, classCount: 3)
    var path = FitPath()
    var last: FittedLinearModel?
    var (along, warm) = (0, 0)
    for c in [1, 1.3, 1.7, 2.2, 2.9, 3.8] {
      settings.c = c
      let fitted = try settings.fit(prepared, start: path.start(at: c))
      let cold = try settings.fit(prepared)
      #expect(fitted.converged && abs(fitted.objective - cold.objective) <= 2e-6 * cold.objective)
      if let last, c > 1.5 {
        along += fitted.hessianProducts
        warm += try settings.fit(prepared, start: FitStart(last)).hessianProducts
      }
      path.append(fitted)
      last = fitted
    }
    #expect(along < warm)
  }

  @Test func noInterceptHasNone() throws {
    #expect(try fit(LogisticRegression(standardization: .none, intercept: .none)).bias == [0, 0])
  }

  // MARK: Errors

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func namesAValueThatIsNotFinite(value: Float) {
    var elements = [Float](repeating: 1, count: 18)
    elements[10] = value
    do {
      _ = try fit(features(elements))
      Issue.record("fitted")
    } catch LinearModelError.notFinite(let row, let column, let found) {
      #expect(row == 3 && column == 1 && found.bitPattern == value.bitPattern)
    } catch {
      Issue.record(error)
    }
  }

  @Test func rowsLeftOutMayHoldAnything() throws {
    var elements = (0..<18).map { Float($0 % 5) }
    elements[10] = .nan
    let fitted = try LogisticRegression().fit(
      MatrixView(rows: 6, columns: 3, elements: elements), rows: [0, 1, 2, 4, 5],
      labels: [0, 1, 0, -7, 0, 1],
      classCount: 2)
    #expect(fitted.converged)
  }

  private func fit(_ features: MatrixView) throws(LinearModelError) -> FittedLinearModel {
    try fit(LogisticRegression(), features)
  }

  private func features(_ elements: [Float]) -> MatrixView {
    MatrixView(rows: 6, columns: 3, elements: elements)
  }

  @Test func saysWhatIsWrong() {
    func expect(
      _ expected: LinearModelError, _ text: String, location: SourceLocation = #_sourceLocation,
      _ body: () throws(LinearModelError) -> FittedLinearModel
    ) {
      #expect(throws: expected, sourceLocation: location) { try body() }
      #expect(expected.description.contains(text), sourceLocation: location)
    }
    expect(.oneClass(label: 0), "every row has label 0") { () throws(LinearModelError) in
      try fit(labels: [0, 0, 0, 0, 0, 0])
    }
    expect(.emptyClass(label: 2, classCount: 3), "class 2") { () throws(LinearModelError) in
      try fit(classCount: 3)
    }
    expect(.tooFewClasses(classCount: 1), "at least 2") { () throws(LinearModelError) in
      try fit(classCount: 1)
    }
    expect(.labelCount(expected: 6, found: 2), "2 labels for 6 rows") { () throws(LinearModelError) in
      try fit(labels: [0, 1])
    }
    expect(.labelOutOfRange(row: 1, label: 5, classCount: 2), "from 0 to 1") { () throws(LinearModelError) in
      try fit(labels: [0, 5, 0, 1, 0, 1])
    }
    expect(.sampleWeightCount(expected: 6, found: 1), "1 sample weights") { () throws(LinearModelError) in
      try fit(weights: [1])
    }
    expect(.sampleWeight(row: 2, value: -1), "row 2 is -1.0") { () throws(LinearModelError) in
      try fit(weights: [1, 1, -1, 1, 1, 1])
    }
    expect(.noColumns, "no columns") { () throws(LinearModelError) in
      try fit(LogisticRegression(), MatrixView(rows: 6, columns: 0, elements: []))
    }
    expect(.noRows, "no rows") { () throws(LinearModelError) in
      try LogisticRegression().fit(features, rows: [], labels: labels, classCount: 2)
    }
    expect(.rowOutOfRange(row: 6, rows: 6), "row 6") { () throws(LinearModelError) in
      try LogisticRegression().fit(features, rows: [0, 6], labels: labels, classCount: 2)
    }
    expect(.classWeightCount(expected: 2, found: 1), "1 class weights") { () throws(LinearModelError) in
      try fit(LogisticRegression(classWeights: .perClass([1])))
    }
    expect(.classWeight(label: 1, value: 0), "class 1 is 0.0") { () throws(LinearModelError) in
      try fit(LogisticRegression(classWeights: .perClass([1, 0])))
    }
    for c in [0, -1, Double.infinity] {
      expect(.regularization(c: c), "C is") { () throws(LinearModelError) in try fit(LogisticRegression(c: c))
      }
    }
    expect(.tolerance(0), "tolerance") { () throws(LinearModelError) in
      try fit(LogisticRegression(tolerance: 0))
    }
    expect(.iterationLimit(0), "iteration limit") { () throws(LinearModelError) in
      try fit(LogisticRegression(maximumIterations: 0))
    }
    expect(.interceptScale(0), "intercept") { () throws(LinearModelError) in
      try fit(LogisticRegression(intercept: .penalized(scale: 0)))
    }
  }

  @Test func refusesFeaturesOfAnotherWidth() throws {
    let fitted = try fit()
    let narrow = MatrixView(rows: 1, columns: 2, elements: [1, 2])
    #expect(throws: LinearModelError.columnCount(expected: 3, found: 2)) { try fitted.scores(narrow) }
    #expect(throws: LinearModelError.rowOutOfRange(row: 9, rows: 6)) {
      try fitted.scores(features, rows: [9])
    }
  }
}
