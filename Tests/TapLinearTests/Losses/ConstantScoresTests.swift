// Compares the least loss with intercepts alone with fits to features without information.

import TapLinear
import TapTensors
import Testing

struct ConstantScoresTests {
  static let models: [LinearModel] =
    [.multinomial, .oneVersusRest].map { .logistic(LogisticRegression(multiClass: $0)) }
    + HingeLoss.allCases.map { .svm(LinearSVM(loss: $0)) }
    + [.logistic(LogisticRegression(penalty: .l1)), .svm(LinearSVM(penalty: .l1))]

  @Test(arguments: models)
  func theLossOfAnInterceptAloneIsAllOfIt(model: LinearModel) throws {
    for sizes in [[30, 30], [97, 3], [3, 97], [20, 20, 20], [90, 6, 4], [40, 35, 20, 5], [55, 25, 20]] {
      let labels = sizes.enumerated().flatMap { [Int](repeating: $0.offset, count: $0.element) }
      let features = MatrixView(
        rows: labels.count, columns: 1, elements: [Float](repeating: 7, count: labels.count))
      let weights = labels.indices.map { 0.5 + Double($0 % 3) }
      let fitted = try model.fit(
        features, labels: labels, classCount: sizes.count, sampleWeights: weights)
      #expect(abs(fitted.lossShare - 1) < 1e-6, "\(model.lossName), \(sizes): \(fitted.lossShare)")
    }
  }
}
