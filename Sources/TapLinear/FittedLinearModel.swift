// A fitted linear model, in the space of the raw features, with all that is known of how good the fit is.

/// The result of ``LogisticRegression/fit(_:rows:labels:classCount:sampleWeights:)``,
/// ``LinearSVM/fit(_:rows:labels:classCount:sampleWeights:)`` or
/// ``NearestMean/fit(_:rows:labels:classCount:sampleWeights:)``.
public struct FittedLinearModel: Hashable, Sendable {
  /// What the scores mean.
  public let kind: ClassifierKind
  /// How scores of a logistic regression become probabilities; of two classes always ``MultiClass/multinomial``.
  public let multiClass: MultiClass
  /// At least 2.
  public let classCount: Int
  /// The length of a feature vector.
  public let dimensions: Int
  /// The C that was fitted with; nil for a nearest mean, which has none.
  public let c: Double?
  /// `[classes, dimensions]`, row-major, for raw features: scores are W x + b.
  public let weights: [Double]
  /// `[classes]`, for raw features.
  ///
  /// A free intercept of a multinomial logistic regression is determined up to a number added to every class; it is chosen so that
  /// the biases sum to 0, as the rows of W do.
  public let bias: [Double]
  /// The scaling under which the penalty acted; already folded into ``weights`` and ``bias``. Where it acted on principal
  /// components, it is the identity: neither ``weights`` nor ``bias`` need it.
  public let scaler: FeatureScaler
  /// Whether scores are those of rows divided by their Euclidean norms: W x / ‖x‖ + b.
  public let normalizesRows: Bool
  /// The principal components that it was fitted in, already folded into ``weights`` and ``bias``; nil without.
  public let projection: ProjectionSummary?

  /// The objective's value; of two classes that of the one score, where they have one.
  public let objective: Double
  /// A bound, certified by a dual point: ``objective`` is at most this far above the minimum. Infinite without a penalty: then
  /// there is no certificate.
  public let gap: Double
  /// The norm of the objective's gradient in the scaled space.
  public let gradientNorm: Double
  /// Newton steps; for an SVM also the epochs of coordinate descent before them.
  public let iterations: Int
  /// Hessian products, each two passes over the features; the unit of a fit's cost.
  public let hessianProducts: Int
  /// Why the solver stopped.
  public let stopReason: StopReason

  /// W `[outputs, dimensions]` and the appended feature's weights, in the solver's space. Two classes have one
  /// output, but of Crammer and Singer's loss and a nearest mean.
  package let scaledParameters: [Double]
  /// The loss on the training rows as a share of the loss at W = 0, b = 0.
  package let lossShare: Double

  /// How many weights are not exactly 0, and of how many; two classes have those of their one score, where they have one.
  public var nonzeroWeights: (count: Int, total: Int) {
    // In the solver's space, whose columns may be components.
    let columns = projection?.count ?? dimensions
    let total = scaledParameters.count / (columns + 1) * columns
    return (scaledParameters[..<total].count { $0 != 0 }, total)
  }
  /// ``gap`` over ``objective``.
  public var relativeGap: Double { gap == 0 ? 0 : gap / abs(objective) }
  /// Whether the tolerance asked for is certified.
  public var converged: Bool { stopReason == .converged }

  /// Folds the scaling into the parameters of a solution.
  init(
    kind: ClassifierKind, multiClass: MultiClass? = nil, _ solution: TruncatedNewton.Solution,
    lossShare: Double,
    c: Double?,
    intercept: Intercept, data: TrainingData
  ) {
    let classCount = data.classCount
    let dimensions = data.scaler.scale.count
    let outputs = solution.parameters.count / (dimensions + 1)
    let split = outputs * dimensions
    var weights = [Double](repeating: 0, count: split)
    var bias = [Double](repeating: 0, count: outputs)
    for c in 0..<outputs {
      var shift = 0.0
      for j in 0..<dimensions {
        let weight = solution.parameters[c * dimensions + j] / data.scaler.scale[j]
        weights[c * dimensions + j] = weight
        shift += weight * data.design.scaler.offset[j]
      }
      bias[c] = intercept.featureValue * solution.parameters[split + c] - shift
    }
    if let projection = data.projection {
      (weights, bias) = projection.folded(weights: weights, bias: bias)
    }
    if outputs == 1 {
      // One score tells the second class from the first: each gets a margin, or half of what the softmax takes differences of.
      let share = kind == .svm ? 1 : 0.5
      weights = weights.map { 0 - share * $0 } + weights.map { share * $0 }
      bias = bias.map { 0 - share * $0 } + bias.map { share * $0 }
    }
    self.kind = kind
    self.multiClass = multiClass ?? kind.multiClass
    self.classCount = classCount
    self.dimensions = data.dimensions
    self.normalizesRows = data.areRowsNormalized
    self.projection = data.projection?.summary
    self.c = c
    self.weights = weights
    self.bias = bias
    self.scaler = data.projection == nil ? data.scaler : .identity(columns: data.dimensions)
    self.objective = solution.last.value
    self.gap = solution.last.gap
    self.gradientNorm = solution.last.gradientNorm
    self.iterations = solution.iterations
    self.hessianProducts = solution.hessianProducts
    self.stopReason = solution.stopReason
    self.scaledParameters = solution.parameters
    self.lossShare = lossShare
  }
}
