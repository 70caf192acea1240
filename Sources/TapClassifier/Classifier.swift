// The deployable classifier: a linear head for raw features, and all that is needed to
// identify those features.
//
// Conventions of this module: class axis first, row-major; class `c` has the name `classNames[c]`.

import TapLinear
import TapProvenance

/// A trained classifier of feature vectors, and of images if it has a backbone's identity.
///
/// ```
/// scores = weights x + bias,   probabilities = softmax(scores)     multinomial logistic regression
///                              probabilities = σ(scores) / Σ σ     one class against the rest
///                              x / ‖x‖ for x where it normalizes rows
/// ```
/// The scores of an SVM are margins: positive on the side of the class, at least 1 where it is beyond doubt. With a
/// ``calibration`` they become probabilities too. Those of a nearest mean are similarities, larger where the class's
/// mean is nearer.
public struct Classifier: Hashable, Sendable {
  /// The origin of feature vectors.
  public struct FeatureSource: Hashable, Sendable {
    /// Backbone, weights, graph, preprocessing and numerics.
    public let identity: BackboneIdentity
    /// The taps with their poolings, at least one; a feature vector is theirs one after the other.
    public let columns: [Column]
    /// The scores of a generated image, `[classes]`: a classifier that does not reproduce them on another
    /// machine must not be used there. Nil if the backbone was not at hand when it was trained.
    public let goldenScores: [Float]?

    /// A source; `goldenScores` are filled in by ``Classifier/withGoldenScores(of:)``.
    ///
    /// - Precondition: there is a column.
    public init(identity: BackboneIdentity, columns: [Column], goldenScores: [Float]?) {
      precondition(!columns.isEmpty, "no column")
      self.identity = identity
      self.columns = columns
      self.goldenScores = goldenScores
    }

    /// The columns' names: `blocks.4-avg`, or `blocks.4-avg + head-avg`.
    public var name: String { columns.map(\.name).joined(separator: " + ") }
  }

  /// At least two names, in the order of the class axis.
  public let classNames: [String]
  /// The length of a feature vector.
  public let dimensions: Int
  /// `[classes, dimensions]`, for raw features: the scaler is folded in.
  public let weights: [Float]
  /// `[classes]`, for raw features.
  public let bias: [Float]
  /// The scaling under which the classifier was trained, in float32 too; already part of ``weights`` and ``bias``.
  public let scaler: FeatureScaler
  /// Whether a feature vector is divided by its Euclidean norm before anything else; zeros stay zeros.
  public let normalizesRows: Bool
  /// Nil when it was trained on a bare matrix: then it can classify vectors but not images.
  public let source: FeatureSource?
  /// The record of the training.
  public let training: TrainingSummary
  /// The conversion of scores to probabilities, if scores need one; nil: a softmax for a logistic
  /// regression, and none for the others.
  public let calibration: Calibration?
  /// The keys of items that the training used; nil if they are not known, as in files of formats 1 and 2.
  package let seen: SeenKeys?
  /// Whether the columns of the SVMlight text that it was trained on are counted from 0 or from 1; nil for other
  /// features.
  public let indexBase: Int?

  /// - Precondition: the counts fit together: `weights` is `[classes, dimensions]`, `bias` and golden
  ///   scores `[classes]`, the scaler `[dimensions]`, a calibration `[classes]`; there are two classes or more; an
  ///   index base is 0 or 1.
  package init(
    classNames: [String], weights: [Float], bias: [Float], scaler: FeatureScaler,
    normalizesRows: Bool = false, source: FeatureSource? = nil, training: TrainingSummary,
    calibration: Calibration? = nil, seen: SeenKeys? = nil, indexBase: Int? = nil
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

  /// A fitted model with names for its classes, rounded to float32 as its file holds it: what is
  /// evaluated after training is exactly what is deployed.
  ///
  /// - Throws: ``ClassifierError/notRepresentable`` if a weight is beyond float32.
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

  /// The nearest float32 that can divide.
  private static func representable(_ scale: Double) -> Double {
    Double(min(max(Float(scale), .leastNonzeroMagnitude), .greatestFiniteMagnitude))
  }
}
