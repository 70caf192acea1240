import TapClassifier
import TapLinear
import TapMetrics
import TapProvenance
import TapSettings

/// Classifiers for tests: small, with every field set.
enum ClassifierFixtures {
  static let identity = BackboneIdentity(
    backbone: "tiny", weightsHash: String(repeating: "a", count: 64),
    graphHash: String(repeating: "b", count: 64),
    preprocessing: Preprocessing(size: 32, decoding: Decoding(alpha: .drop)),
    decoder: "libjpeg-turbo 2.1.5", numericsRevision: 1)

  static let settings: TrainingSettings = {
    var settings = TrainingSettings(c: 0.1)
    (settings.standardization, settings.seed) = (.standardDeviation, .max)
    return settings
  }()

  static let summary = TrainingSummary(
    settings: ModelSettings(settings), c: 0.1, standardization: "std", objective: 12.5, gap: 1e-6,
    iterations: 7, converged: true,
    selection: SelectionRecord(.crossValidation(folds: 5, repeats: 1), tried: [0.01, 0.1]),
    estimates: [
      .init(c: 0.01, accuracy: Proportion(successes: 40, count: 60)),
      .init(c: 0.1, accuracy: Proportion(successes: 50, count: 60)),
    ], classCounts: [20, 22, 18], dataHash: String(repeating: "c", count: 64))

  /// The summary of a training with other settings.
  static func summary(_ settings: TrainingSettings) -> TrainingSummary {
    var summary = summary
    summary.settings = ModelSettings(settings)
    return summary
  }

  static let source = Classifier.FeatureSource(
    identity: identity, columns: [Column(tap: "blocks.1", pooling: .gem)], goldenScores: [1, -2, 0.5])

  static func classifier(
    source: Classifier.FeatureSource? = source, calibration: Calibration? = nil,
    summary: TrainingSummary = summary, seen: SeenKeys? = nil, indexBase: Int? = nil
  ) -> Classifier {
    Classifier(
      classNames: ["cat", "chien \"brun\"", "犬"],
      weights: [1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6, 0, 0, 0.1, 0, 0, 0], bias: [0.5, -0.5, 0.25],
      scaler: FeatureScaler(offset: [1, 2, 3, 4, 5, 6], scale: [1, 0.5, 0.25, 2, 4, 0.1]),
      source: source, training: summary, calibration: calibration, seen: seen, indexBase: indexBase)
  }
}
