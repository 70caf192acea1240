// Columns of denormal numbers, whose scale has no inverse in single precision, count as constant.

import TapLinear
import TapTensors
import Testing

struct TinyColumnsTests {
  static let models: [LinearModel] =
    [LogisticSolver.automatic, .lbfgs].map { .logistic(LogisticRegression(c: 0.1, solver: $0)) }
    + HingeLoss.allCases.map { .svm(LinearSVM(c: 0.1, loss: $0)) }
    + [.logistic(LogisticRegression(c: 0.1, penalty: .l1)), .svm(LinearSVM(c: 0.1, penalty: .l1))]

  @Test(arguments: models) func denormalColumnsAreConstant(model: LinearModel) throws {
    let (plain, labels) = WarmStartTests.clouds(rows: 60, columns: 6)
    let expected = try model.fit(plain, labels: labels, classCount: 4)
    #expect(expected.tinyColumns == 0)
    for factor in [1e-39, 1e-41, 1e-44] {
      var elements: [Float] = []
      for row in labels.indices {
        plain.withRow(row) { values in
          for j in values.indices { elements.append(values[j]) }
        }
        elements.append(Float(Double(row * 7 % 11) / 11 * factor))
      }
      let features = MatrixView(rows: labels.count, columns: 7, elements: elements)
      for scaling in [Standardization.automatic, .maximum] {
        let fitted = try model.scaled(scaling).fit(features, labels: labels, classCount: 4)
        #expect(fitted.converged && fitted.tinyColumns == 1, "\(factor), \(scaling), \(model.lossName)")
        guard scaling == .automatic else { continue }
        #expect(abs(fitted.objective - expected.objective) <= 1e-8 * expected.objective)
        #expect(try fitted.predictions(features) == expected.predictions(plain))
      }
    }
  }
}

extension LinearModel {
  fileprivate func scaled(_ standardization: Standardization) -> LinearModel {
    switch self {
    case .logistic(var model):
      model.standardization = standardization
      return .logistic(model)
    case .svm(var model):
      model.standardization = standardization
      return .svm(model)
    case .nearestMean(var model):
      model.standardization = standardization
      return .nearestMean(model)
    }
  }
}
