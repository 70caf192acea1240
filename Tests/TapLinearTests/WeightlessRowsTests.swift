// Rows of weight 0 are ignored.

import TapLinear
import TapTensors
import Testing

struct WeightlessRowsTests {
  static let models: [LinearModel] =
    [
      LinearModel.logistic(LogisticRegression()), .logistic(LogisticRegression(penalty: .l1)),
      .logistic(LogisticRegression(classWeights: .balanced)), .nearestMean(NearestMean()),
    ] + HingeLoss.allCases.map { .svm(LinearSVM(loss: $0)) }

  @Test(arguments: models) func theyChangeNothing(model: LinearModel) throws {
    let (clouds, given) = WarmStartTests.clouds(rows: 80)
    var elements: [Float] = []
    for row in 0..<80 {
      clouds.withRow(row) { values in
        for j in values.indices { elements.append(row % 8 == 5 ? (row == 5 ? .nan : 1e6) : values[j]) }
      }
    }
    let features = MatrixView(rows: 80, columns: clouds.columns, elements: elements)
    let weights = (0..<80).map { $0 % 8 == 5 ? 0 : 0.5 + Double($0 % 3) }
    let labels = given.enumerated().map { $0.offset % 8 == 5 ? -1 : $0.element }
    let kept = (0..<80).filter { $0 % 8 != 5 }
    for transform in [
      FeatureTransform.none, FeatureTransform(normalizesRows: true),
      FeatureTransform(components: PrincipalComponents(.components(5), whitens: true)),
    ] {
      var model = model
      model.transform = transform
      let expected = try model.fit(
        features, rows: kept, labels: labels, classCount: 4, sampleWeights: weights)
      #expect(
        try model.fit(features, labels: labels, classCount: 4, sampleWeights: weights) == expected,
        "\(model.lossName)")
      #expect(
        try model.fit(
          features, rows: Array(0..<80), labels: labels, classCount: 4, sampleWeights: weights) == expected)
    }
  }
}
