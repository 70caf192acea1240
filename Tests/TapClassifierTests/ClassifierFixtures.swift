import TapClassifier
import TapLinear
import TapMetrics
import TapProvenance

/// Classifiers for tests: small, with every field set.
enum ClassifierFixtures {
  static let identity = BackboneIdentity(
    backbone: "tiny", weightsHash: String(repeating: "a", count: 64),
    graphHash: String(repeating: "b", count: 64),
    preprocessing: Preprocessing(size: 32, decoding: Decoding(alpha: .drop)),
    decoder: "libjpeg-turbo 2.1.5", numericsRevision: 1)

  static let summary = TrainingSummary(
    c: 0.1, standardization: "std", classWeights: "none", objective: 12.5, gap: 1e-6, iterations: 7,
    converged: true, selection: "5-fold cross-validation",
    estimates: [
      .init(c: 0.01, accuracy: Proportion(successes: 40, count: 60)),
      .init(c: 0.1, accuracy: Proportion(successes: 50, count: 60)),
    ], seed: .max, classCounts: [20, 22, 18], dataHash: String(repeating: "c", count: 64))

  static let source = Classifier.FeatureSource(
    identity: identity, column: Column(tap: "blocks.1", pooling: .gem), goldenScores: [1, -2, 0.5])

  static func classifier(
    source: Classifier.FeatureSource? = source, calibration: Calibration? = nil,
    summary: TrainingSummary = summary
  ) -> Classifier {
    Classifier(
      classNames: ["cat", "chien \"brun\"", "犬"],
      weights: [1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6, 0, 0, 0.1, 0, 0, 0], bias: [0.5, -0.5, 0.25],
      scaler: FeatureScaler(offset: [1, 2, 3, 4, 5, 6], scale: [1, 0.5, 0.25, 2, 4, 0.1]),
      source: source, training: summary, calibration: calibration)
  }
}
