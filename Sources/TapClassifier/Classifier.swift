// The deployable classifier: a linear head for raw features, and all data that identify the origin of those features.
//
// Conventions of this module: arrays are row-major, and the class axis is first. Class `c` has the name
// `classNames[c]`.

import TapLinear
import TapMetrics
import TapProvenance

/// A trained classifier of feature vectors. A classifier with the identity of a backbone also classifies images.
///
/// ```
/// scores = weights x + bias,   probabilities = softmax(scores)     multinomial logistic regression
///                              probabilities = σ(scores) / Σ σ     one class against the rest
///                              x / ‖x‖ for x where it normalizes rows
/// ```
/// The scores of an SVM are margins. A margin is positive for a vector on the class's side of the boundary. The margin
/// of a vector without hinge loss is at least 1. The scores of a nearest mean are similarities, which are larger if the
/// mean of the class is nearer. A ``calibration`` converts margins and similarities to probabilities.
public struct Classifier: Hashable, Sendable {
  /// The origin of feature vectors.
  public struct FeatureSource: Hashable, Sendable {
    /// The identity of backbone, weights, graph, preprocessing and numerics.
    public let identity: BackboneIdentity
    /// The columns, at least one. A column is a tapped layer with its pooling. A feature vector consists of the values
    /// of all columns, in this order.
    public let columns: [Column]
    /// The golden scores, `[classes]`: the classifier's scores of a generated image. A classifier must not be used on a
    /// machine that does not reproduce these scores. The value is nil if the backbone was not available at the
    /// training.
    public let goldenScores: [Float]?

    /// Creates a source. ``Classifier/withGoldenScores(of:)`` adds `goldenScores` later.
    ///
    /// - Precondition: there is at least one column.
    public init(identity: BackboneIdentity, columns: [Column], goldenScores: [Float]?) {
      precondition(!columns.isEmpty, "no column")
      self.identity = identity
      self.columns = columns
      self.goldenScores = goldenScores
    }

    /// The columns' names: `blocks.4-avg`, or `blocks.4-avg + head-avg`.
    public var name: String { columns.map(\.name).joined(separator: " + ") }
  }

  /// The names of the classes, at least two, in the order of the class axis.
  public let classNames: [String]
  /// The length of a feature vector.
  public let dimensions: Int
  /// The weights for raw features, `[classes, dimensions]`. These weights already include the scaling.
  public let weights: [Float]
  /// The biases for raw features, `[classes]`.
  public let bias: [Float]
  /// The scaling under which the classifier was trained, rounded to float32. ``weights`` and ``bias`` already include
  /// this scaling.
  public let scaler: FeatureScaler
  /// Whether a feature vector is first divided by its Euclidean norm. A vector of zeros stays unchanged.
  public let normalizesRows: Bool
  /// The origin of the features. The value is nil if the classifier was trained on a matrix without a known origin.
  /// Such a classifier can classify vectors but not images.
  public let source: FeatureSource?
  /// The record of the training.
  public let training: TrainingSummary
  /// The calibration that converts scores to probabilities. If this property is nil, a logistic regression still gives
  /// probabilities, but an SVM or a nearest mean gives none.
  public let calibration: Calibration?
  /// The keys of the items that the training used. The value is nil if the keys are not known, as in files of formats 1
  /// and 2.
  package let seen: SeenKeys?
  /// The index of the first column, 0 or 1, in the SVMlight text that the classifier was trained on; nil for other
  /// features.
  public let indexBase: Int?
  /// The measure of how unlike the training rows a row is; nil if the training did not fit it.
  public let novelty: NoveltyScore?
  /// The probability below which an image gets no class; nil if the training did not choose it. A classifier with a
  /// threshold gives probabilities. ``Prediction`` and ``deciding(scores:)`` do not depend on the threshold.
  public internal(set) var threshold: ProbabilityThreshold?

  /// - Precondition: the sizes agree: `weights` is `[classes, dimensions]`, the scaler `[dimensions]`, and `bias`,
  ///   golden scores and calibration are each `[classes]`. There are at least two classes. An index base is 0 or 1.
  package init(
    classNames: [String], weights: [Float], bias: [Float], scaler: FeatureScaler,
    normalizesRows: Bool = false, source: FeatureSource? = nil, training: TrainingSummary,
    calibration: Calibration? = nil, seen: SeenKeys? = nil, indexBase: Int? = nil,
    novelty: NoveltyScore? = nil
  ) {
    precondition(indexBase == nil || [0, 1].contains(indexBase), "columns counted from \(indexBase ?? 0)")
    precondition(classNames.count >= 2, "\(classNames.count) classes")
    precondition(bias.count == classNames.count, "\(bias.count) biases for \(classNames.count) classes")
    let dimensions = scaler.scale.count
    precondition(
      weights.count == classNames.count * dimensions,
      "\(weights.count) weights for \(classNames.count) classes x \(dimensions)")
    if let golden = source?.goldenScores {
      precondition(golden.count == classNames.count, "\(golden.count) golden scores")
    }
    if case .platt(let sigmoids)? = calibration {
      precondition(sigmoids.count == classNames.count, "\(sigmoids.count) sigmoids")
    }
    precondition(novelty.map { $0.dimensions == dimensions } ?? true, "a novelty of another length")
    self.novelty = novelty
    self.calibration = calibration
    self.seen = seen
    self.indexBase = indexBase
    self.normalizesRows = normalizesRows
    self.classNames = classNames
    self.dimensions = dimensions
    self.weights = weights
    self.bias = bias
    self.scaler = FeatureScaler(
      offset: scaler.offset.map { Double(Float($0)) }, scale: scaler.scale.map(Self.representable))
    self.source = source
    self.training = training
  }

  /// Creates a classifier from a fitted model and names for its classes. The weights are rounded to float32, as in the
  /// file. So the classifier that is evaluated after the training is exactly the classifier that is deployed.
  ///
  /// - Throws: ``ClassifierError/notRepresentable`` if a weight is outside the range of float32.
  package init(
    _ model: FittedLinearModel, classNames: [String], source: FeatureSource? = nil,
    training: TrainingSummary, calibration: Calibration? = nil, seen: SeenKeys? = nil, indexBase: Int? = nil
  ) throws(ClassifierError) {
    let weights = model.weights.map { Float($0) }
    let bias = model.bias.map { Float($0) }
    guard weights.allSatisfy(\.isFinite), bias.allSatisfy(\.isFinite) else { throw .notRepresentable }
    self.init(
      classNames: classNames, weights: weights, bias: bias, scaler: model.scaler,
      normalizesRows: model.normalizesRows, source: source,
      training: training, calibration: calibration, seen: seen, indexBase: indexBase)
  }

  /// The same classifier with a measure of novelty.
  ///
  /// - Precondition: the measure takes rows of this classifier's length.
  package func with(novelty: NoveltyScore) -> Classifier {
    Classifier(
      classNames: classNames, weights: weights, bias: bias, scaler: scaler, normalizesRows: normalizesRows,
      source: source, training: training, calibration: calibration, seen: seen, indexBase: indexBase,
      novelty: novelty
    ).with(threshold: threshold)
  }

  /// The same classifier with another threshold, or without one.
  ///
  /// - Precondition: a classifier with a threshold gives probabilities.
  package func with(threshold: ProbabilityThreshold?) -> Classifier {
    precondition(threshold == nil || confidenceKind == .logistic, "a threshold of \(confidenceKind.scoreName) values")
    var result = self
    result.threshold = threshold
    return result
  }

  /// The float32 nearest to a scale. The result is neither 0 nor infinite.
  private static func representable(_ scale: Double) -> Double {
    Double(min(max(Float(scale), .leastNonzeroMagnitude), .greatestFiniteMagnitude))
  }
}
