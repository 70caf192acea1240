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
  /// The norm of a gradient in the solver's space, that of the scaled features (centred where the intercept is free), over
  /// weights and intercepts, of two classes those of the one score.
  ///
  /// - Logistic losses and squared hinge, L2 or no penalty: the gradient of the objective.
  /// - L1 and elastic net: the element of the objective's subdifferential that is nearest 0.
  /// - Hinge and Crammer and Singer's loss, which have kinks: the gradient of the smoothed loss with moved offsets that the
  ///   solver stood at. It is that of ½ ‖W‖² - Σ αᵢ mᵢ for multipliers α within their bounds, no subgradient of the objective
  ///   itself, and says nothing of how near the minimum is: ``gap`` does.
  /// - A nearest mean: 0.
  public let gradientNorm: Double
  /// Steps of ``solver``, and of an SVM the epochs of coordinate descent on the dual before them; 0 for a nearest mean.
  public let iterations: Int
  /// Hessian products, each two passes over the features. Coordinate descent, L-BFGS and matrices that are factored need none.
  public let hessianProducts: Int
  /// Which solver it ended with.
  public let solver: Solver
  /// Why the solver stopped.
  public let stopReason: StopReason

  /// W `[outputs, dimensions]` and the appended feature's weights, in the solver's space. Two classes have one
  /// output, but of Crammer and Singer's loss and a nearest mean.
  package let scaledParameters: [Double]
  /// The loss on the training rows as a share of the least that scores equal for all rows leave.
  package let lossShare: Double
  /// Columns that counted as constant because single precision does not hold the inverse of their scale: those of denormal
  /// numbers.
  package let tinyColumns: Int

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
    by solver: Solver, lossShare: Double,
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
    self.solver = solver
    self.stopReason = solution.stopReason
    self.scaledParameters = solution.parameters
    self.lossShare = lossShare
    self.tinyColumns = data.tinyColumns
  }
}
