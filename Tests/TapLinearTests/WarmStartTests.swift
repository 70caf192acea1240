// Fits that start from an earlier model reach the same optimum in fewer steps.

import TapKernels
import TapLinear
import TapTensors
import Testing

struct WarmStartTests {
  /// Rows of overlapping classes, in columns of uneven scale and offset.
  static func clouds(rows: Int, columns: Int = 12, classCount: Int = 4) -> (
    features: MatrixView, labels: [Int]
  ) {
    var numbers = Numbers(seed: 9)
    let means = numbers.array(classCount * columns, scale: 0.8)
    let labels = (0..<rows).map { $0 % classCount }
    var elements: [Float] = []
    for label in labels {
      for j in 0..<columns {
        let value = means[label * columns + j] + numbers.next() + numbers.next()
        elements.append(Float(value * Double(1 + j % 3) + Double(j)))
      }
    }
    return (MatrixView(rows: rows, columns: columns, elements: elements), labels)
  }

  static let models: [LinearModel] = [
    .logistic(LogisticRegression(c: 0.3, tolerance: 1e-10)),
    .logistic(
      LogisticRegression(c: 0.3, standardization: .none, intercept: .penalized(scale: 2), tolerance: 1e-10)),
    .logistic(LogisticRegression(c: 0.3, intercept: .none, tolerance: 1e-10)),
    .logistic(LogisticRegression(c: 0.3, multiClass: .oneVersusRest, tolerance: 1e-10)),
    .svm(LinearSVM(c: 0.03, tolerance: 1e-10)),
    .svm(LinearSVM(c: 0.03, standardization: .maximum, intercept: .penalized(scale: 2), tolerance: 1e-10)),
  ]

  /// Both fits are certified to the tolerance, so their objectives differ by at most the larger gap.
  func expectSame(_ warm: FittedLinearModel, _ cold: FittedLinearModel, _ comment: Comment) {
    #expect(warm.converged && cold.converged, comment)
    #expect(abs(warm.objective - cold.objective) <= max(warm.gap, cold.gap), comment)
    let scale = cold.weights.map(abs).max() ?? 0
    let apart = zip(warm.weights, cold.weights).map { abs($0 - $1) }.max() ?? 0
    #expect(apart <= 1e-4 * scale, comment)
  }

  @Test(arguments: models)
  func addedRowsNeedFewerSteps(model: LinearModel) throws {
    let (features, labels) = Self.clouds(rows: 600)
    let old = try model.fit(features, rows: Array(0..<560), labels: labels, classCount: 4)
    let cold = try model.fit(features, labels: labels, classCount: 4)
    let warm = try model.fit(features, labels: labels, classCount: 4, from: WarmStart(old))
    expectSame(warm, cold, "\(model)")
    #expect(warm.iterations < cold.iterations, "\(model): \(warm.iterations) of \(cold.iterations)")
  }

  /// A fit that starts at its own optimum takes only the one step that every fit takes.
  @Test(arguments: models)
  func theOptimumIsLeftAlone(model: LinearModel) throws {
    let (features, labels) = Self.clouds(rows: 300)
    let cold = try model.fit(features, labels: labels, classCount: 4)
    let warm = try model.fit(features, labels: labels, classCount: 4, from: WarmStart(cold))
    expectSame(warm, cold, "\(model)")
    #expect(warm.iterations <= 2, "\(model): \(warm.iterations) of \(cold.iterations)")
  }

  /// A start may lack a class, whose weights then begin at 0. An SVM of two classes has a single score.
  @Test(arguments: models)
  func classesComeAndGo(model: LinearModel) throws {
    let (features, labels) = Self.clouds(rows: 400)
    let (two, three) = (
      (0..<400).filter { labels[$0] < 2 }, (0..<400).filter { labels[$0] < 3 }
    )
    let small = try model.fit(features, rows: two, labels: labels, classCount: 2)
    let cold = try model.fit(features, rows: three, labels: labels, classCount: 3)
    let widened = WarmStart(
      weights: small.weights + [Double](repeating: 0, count: 12), bias: small.bias + [0])
    expectSame(
      try model.fit(features, rows: three, labels: labels, classCount: 3, from: widened), cold, "\(model)")
    let narrowed = WarmStart(weights: Array(cold.weights[..<24]), bias: Array(cold.bias[..<2]))
    expectSame(
      try model.fit(features, rows: two, labels: labels, classCount: 2, from: narrowed), small, "\(model)")
  }

  /// If there are fewer rows than half the columns, the rows are fitted in the coordinates of their span. The start is
  /// transformed too.
  @Test func fewRowsOfManyColumns() throws {
    let (features, labels) = Self.clouds(rows: 60, columns: 200)
    let model = LinearModel.logistic(LogisticRegression(c: 0.01, tolerance: 1e-10))
    let old = try model.fit(features, rows: Array(0..<56), labels: labels, classCount: 4)
    let cold = try model.fit(features, labels: labels, classCount: 4)
    let warm = try model.fit(features, labels: labels, classCount: 4, from: WarmStart(old))
    expectSame(warm, cold, "wide")
    #expect(warm.hessianProducts < cold.hessianProducts, "\(warm.hessianProducts), \(cold.hessianProducts)")
  }

  /// Losses with kinks begin from 0, whatever the start.
  @Test(arguments: [HingeLoss.hinge, .crammerSinger])
  func lossesWithKinksBeginFromScratch(loss: HingeLoss) throws {
    let (features, labels) = Self.clouds(rows: 120)
    let model = LinearModel.svm(LinearSVM(c: 0.1, loss: loss))
    let cold = try model.fit(features, labels: labels, classCount: 4)
    #expect(try model.fit(features, labels: labels, classCount: 4, from: WarmStart(cold)) == cold)
  }

  @Test func aStartOfOtherExtentsIsRefused() throws {
    let (features, labels) = Self.clouds(rows: 40)
    let model = LinearModel.logistic(LogisticRegression())
    func start(_ classes: Int, _ columns: Int) -> WarmStart {
      WarmStart(
        weights: [Double](repeating: 0, count: classes * columns),
        bias: [Double](repeating: 0, count: classes))
    }
    #expect(throws: LinearModelError.startClassCount(expected: 4, found: 3)) {
      try model.fit(features, labels: labels, classCount: 4, from: start(3, 12))
    }
    #expect(throws: LinearModelError.columnCount(expected: 11, found: 12)) {
      try model.fit(features, labels: labels, classCount: 4, from: start(4, 11))
    }
  }
}
