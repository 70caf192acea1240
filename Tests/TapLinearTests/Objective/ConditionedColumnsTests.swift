// Columns far from 0, or of extreme scale, give the same fits as the columns without this offset or scale.

import TapLinear
import TapTensors
import Testing

struct ConditionedColumnsTests {
  static let models: [LinearModel] =
    [LogisticSolver.automatic, .lbfgs].map { .logistic(LogisticRegression(c: 0.1, solver: $0)) }
    + HingeLoss.allCases.map { .svm(LinearSVM(c: 0.1, loss: $0)) }
    + [.logistic(LogisticRegression(c: 0.1, penalty: .l1)), .svm(LinearSVM(c: 0.1, penalty: .l1))]

  /// Rows of four classes. Their values are multiples of 2⁻¹², so that shifts by whole numbers are exact.
  static func clouds(
    rows: Int = 60, columns: Int = 150, _ change: (Int, Float) -> Float = { $1 }
  ) -> (features: MatrixView, labels: [Int]) {
    var numbers = Numbers(seed: 3)
    let means = numbers.array(4 * columns)
    let labels = (0..<rows).map { $0 % 4 }
    var elements: [Float] = []
    for label in labels {
      for j in 0..<columns {
        let value = means[label * columns + j] + numbers.next() + numbers.next() + numbers.next()
        elements.append(change(j, Float((value * 4096).rounded() / 4096)))
      }
    }
    return (MatrixView(rows: rows, columns: columns, elements: elements), labels)
  }

  func expectSame(_ model: LinearModel, _ change: (Int, Float) -> Float, _ comment: Comment) throws {
    let (plain, labels) = Self.clouds()
    let expected = try model.fit(plain, labels: labels, classCount: 4)
    let (changed, _) = Self.clouds(change)
    let found = try model.fit(changed, labels: labels, classCount: 4)
    #expect(expected.converged && found.converged, "\(comment): \(model.lossName)")
    #expect(
      abs(found.objective - expected.objective) <= 1e-7 * expected.objective,
      "\(comment), \(model.lossName): \(found.objective), not \(expected.objective)")
    #expect(found.solver == expected.solver, "\(comment), \(model.lossName): \(found.solver)")
    #expect(try found.predictions(changed) == expected.predictions(plain), "\(comment): \(model.lossName)")
  }

  @Test(arguments: models) func shiftedColumns(model: LinearModel) throws {
    try expectSame(model, { $0 < 2 ? $1 + 1000 : $1 }, "two columns shifted")
    try expectSame(model, { $1 + Float(500 + $0) }, "all columns shifted")
  }

  @Test(arguments: models) func extremeScales(model: LinearModel) throws {
    for exponent in [-110, -70, 70, 110] {
      let factor = Float(sign: .plus, exponent: exponent, significand: 1)
      try expectSame(model, { $0 == 1 ? $1 * factor : $1 }, "2^\(exponent)")
    }
  }
}
