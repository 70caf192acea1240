// A fitted linear model in the space of the raw features, with its certificate and the solver's counts.

/// The result of ``LogisticRegression/fit(_:rows:labels:classCount:sampleWeights:)``,
/// ``LinearSVM/fit(_:rows:labels:classCount:sampleWeights:)`` or
/// ``NearestMean/fit(_:rows:labels:classCount:sampleWeights:)``.
package struct FittedLinearModel: Hashable, Sendable {
  /// The kind of classifier, which defines the meaning of the scores.
  package let kind: ClassifierKind
  /// The map from a logistic regression's scores to probabilities; for two classes always ``MultiClass/multinomial``.
  package let multiClass: MultiClass
  /// The number of classes, at least 2.
  package let classCount: Int
  /// The length of a feature vector.
  package let dimensions: Int
  /// The C of the fit; nil for a nearest mean, which has no C.
  package let c: Double?
  /// The weights W for raw features, `[classes, dimensions]`, row-major. The scores are W x + b.
  package let weights: [Double]
  /// The biases b for raw features, `[classes]`.
  ///
  /// A free intercept of a multinomial logistic regression is determined up to a constant added to every class. The
  /// constant is chosen so that the biases sum to 0. With an L2 penalty, the rows of W also sum to 0.
  package let bias: [Double]
  /// The scaling under which the penalty acted; already folded into ``weights`` and ``bias``. If the penalty acted on
  /// principal components, this scaler is the identity.
  package let scaler: FeatureScaler
  /// Whether scores are computed from rows divided by their Euclidean norms: W x / ‖x‖ + b.
  package let normalizesRows: Bool
  /// The principal components of the fit, already folded into ``weights`` and ``bias``; nil without projection.
  package let projection: ProjectionSummary?

  /// The objective's value; for two classes that have one score, the objective of that score.
  package let objective: Double
  /// The duality gap: ``objective`` is at most this far above the minimum. A dual point certifies this bound. The gap
  /// is infinite without a penalty, because such a fit has no certificate.
  package let gap: Double
  /// The norm of a gradient with respect to weights and intercepts. This gradient belongs to the solver's space: the
  /// features are scaled, and also centered if the intercept is free. If two classes have one score, only the
  /// parameters of that score count.
  ///
  /// - Logistic losses and the squared hinge, with L2 or no penalty: the gradient of the objective.
  /// - L1 and elastic net: the element nearest 0 in the objective's subdifferential.
  /// - Hinge and Crammer and Singer's loss, which have kinks: the gradient of the smoothed objective at the solver's
  ///   last point and multipliers. It equals the gradient of ½ ‖W‖² - Σ αᵢ mᵢ for margins mᵢ and multipliers αᵢ within
  ///   their bounds. It is not a subgradient of the objective itself. Use ``gap`` to judge the distance to the minimum,
  ///   not this norm.
  /// - A nearest mean: 0.
  package let gradientNorm: Double
  /// The number of steps of ``solver``. For an SVM the preceding epochs of coordinate descent on the dual count too. A
  /// nearest mean has 0 steps.
  package let iterations: Int
  /// The number of Hessian products. Each product makes two passes over the features. Coordinate descent, L-BFGS and
  /// factored matrices need no Hessian products.
  package let hessianProducts: Int
  /// The solver that the fit ended with.
  package let solver: Solver
  /// The reason why the solver stopped.
  package let stopReason: StopReason

  /// W `[outputs, dimensions]`, followed by the weights of the appended constant feature, in the solver's space. For
  /// two classes, Crammer and Singer's loss and a nearest mean have two outputs. All other models have one output.
  package let scaledParameters: [Double]
  /// The loss on the training rows, divided by the least loss of a model that gives all rows equal scores.
  package let lossShare: Double
  /// The number of columns of denormal numbers. The inverse scale of such a column overflows single precision, so the
  /// column is treated as constant.
  package let tinyColumns: Int

  /// The number of weights that are not exactly 0, and the number of all weights. If two classes have one score, only
  /// the weights of that score count.
  package var nonzeroWeights: (count: Int, total: Int) {
    // The number of columns that the solver uses. These columns may be principal components.
    let columns = projection?.count ?? dimensions
    let total = scaledParameters.count / (columns + 1) * columns
    return (scaledParameters[..<total].count { $0 != 0 }, total)
  }
  /// ``gap`` divided by the absolute value of ``objective``.
  package var relativeGap: Double { gap == 0 ? 0 : gap / abs(objective) }
  /// Whether the requested tolerance is certified.
  package var converged: Bool { stopReason == .converged }

  /// Folds the scaling into the parameters of a solution.
  init(
    kind: ClassifierKind, multiClass: MultiClass? = nil, _ solution: SolverResult,
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
      // One score separates the second class from the first. An SVM gives each class this margin with its sign. A
      // logistic regression gives each class half of the score, because the softmax uses the difference.
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
