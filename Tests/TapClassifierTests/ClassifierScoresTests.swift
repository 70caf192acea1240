import TapClassifier
import TapLinear
import TapTensors
import Testing

@Suite struct ClassifierScoresTests {
  let classifier = ClassifierFixtures.classifier()

  @Test func scoresAreTheLinearFunction() throws {
    let x: [Float] = [1, -1, 0.5, 2, 0, 3]
    // 1 - 2 + 1.5 + 8 + 0 + 18 = 26.5
    #expect(classifier.scores(x.span) == [27, -27, 0.25 + 0.5 * Double(Float(0.1))])
    let matrix = MatrixView(rows: 2, columns: 6, elements: x + x)
    #expect(try classifier.scores(matrix) == classifier.scores(x.span) + classifier.scores(x.span))
  }

  @Test func anotherLengthIsRefused() {
    #expect(throws: ClassifierError.dimensions(expected: 6, found: 2)) {
      try classifier.scores(MatrixView(rows: 1, columns: 2, elements: [0, 0]))
    }
  }

  @Test func probabilitiesSumToOneWithoutOverflow() {
    let probabilities = Classifier.softmax([1000, 1001, -1000])
    #expect(abs(probabilities.reduce(0, +) - 1) < 1e-15)
    // 1 / (1 + e)
    #expect(abs(probabilities[0] - 0.268_941_421_369_995_1) < 1e-15 && probabilities[2] == 0)
    #expect(Classifier.prediction(scores: [1, 3, 3]) == 1)
    let ranking = classifier.ranking(scores: [1, 3, 3])
    #expect(ranking.map(\.className) == ["chien \"brun\"", "犬", "cat"])
    #expect(ranking[0].confidence == ranking[1].confidence)
  }

  @Test func calibrationsMakeProbabilities() throws {
    let warm = ClassifierFixtures.classifier(calibration: .temperature(2))
    #expect(warm.probabilities(scores: [2, 0, -2]) == Classifier.softmax([1, 0, -1]))
    #expect(warm.deciding(scores: [2, 0, -2]) == [2, 0, -2] && warm.confidenceKind == .logistic)
    // The sigmoid of the second class changes the order of the classes.
    let sigmoids = [(-1.0, 0.0), (-1, -3), (-1, 0)].map { Calibration.Sigmoid(slope: $0.0, offset: $0.1) }
    let platt = ClassifierFixtures.classifier(calibration: .platt(sigmoids))
    let probabilities = try #require(platt.probabilities(scores: [1, 0, -1]))
    #expect(abs(probabilities.reduce(0, +) - 1) <= 1e-15)
    #expect(platt.ranking(scores: [1, 0, -1]).map(\.className) == ["chien \"brun\"", "cat", "犬"])
    #expect(platt.ranking(scores: [1, 0, -1])[0].confidence == probabilities[1])
    let none = ClassifierFixtures.classifier(
      calibration: .platt((0..<3).map { _ in Calibration.Sigmoid(slope: -1, offset: 0) }))
    #expect(none.probabilities(scores: [-1000, -2000, -3000]) == [Double](repeating: 1.0 / 3, count: 3))
  }

  @Test func aFittedModelIsRoundedOnce() throws {
    let features = MatrixView(rows: 4, columns: 2, elements: [0, 1, 1, 0.5, 5, 4, 6, 5.5])
    let model = try LogisticRegression().fit(features, labels: [0, 0, 1, 1], classCount: 2)
    let classifier = try Classifier(model, classNames: ["low", "high"], training: ClassifierFixtures.summary)
    #expect(classifier.weights == model.weights.map { Float($0) })
    for (score, expected) in zip(try classifier.scores(features), try model.scores(features)) {
      #expect(abs(score - expected) < 1e-5 * max(1, abs(expected)))
    }
  }
}
