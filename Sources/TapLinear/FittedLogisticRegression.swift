// A fitted logistic regression, in the space of the raw features, with all that is known of how good the fit is.

/// The result of ``LogisticRegression/fit(_:rows:labels:classCount:sampleWeights:)``.
public struct FittedLogisticRegression: Hashable, Sendable {
  public let classCount: Int
  public let dimensions: Int
  /// The C that was fitted with.
  public let c: Double
  /// `[classes, dimensions]`, row-major, for raw features: scores are W x + b.
  public let weights: [Double]
  /// `[classes]`, for raw features.
  ///
  /// A free intercept is determined up to a number added to every class; it is chosen so that
  /// the biases sum to 0, as the rows of W do.
  public let bias: [Double]
  /// The scaling under which the penalty acted; already folded into ``weights`` and ``bias``.
  public let scaler: FeatureScaler

  /// The objective's value.
  public let objective: Double
  /// A bound, certified by a dual point: ``objective`` is at most this far above the minimum.
  public let gap: Double
  /// The norm of the objective's gradient in the scaled space.
  public let gradientNorm: Double
  /// Newton steps.
  public let iterations: Int
  /// Hessian products, each two passes over the features; the unit of a fit's cost.
  public let hessianProducts: Int
  public let stopReason: StopReason

  /// W `[classes, dimensions]` and the appended feature's weights, in the solver's space.
  package let scaledParameters: [Double]
  /// The loss on the training rows as a share of the loss at W = 0, b = 0.
  package let lossShare: Double

  /// ``gap`` over ``objective``.
  public var relativeGap: Double { gap == 0 ? 0 : gap / abs(objective) }
  /// Whether the tolerance asked for is certified.
  public var converged: Bool { stopReason == .converged }

  init(
    solution: TruncatedNewton.Solution, factor: Double, totalCost: Double, c: Double,
    intercept: Intercept, scaler: FeatureScaler, solverScaler: FeatureScaler, classCount: Int
  ) {
    let dimensions = scaler.scale.count
    let split = classCount * dimensions
    var parameters = solution.parameters
    // A number added to a weight of every class changes no probability; at the optimum each such sum is 0.
    for j in 0..<dimensions { parameters.centre(from: j, by: dimensions, count: classCount) }
    parameters.centre(from: split, by: 1, count: classCount)
    var weights = [Double](repeating: 0, count: split)
    var bias = [Double](repeating: 0, count: classCount)
    for c in 0..<classCount {
      var shift = 0.0
      for j in 0..<dimensions {
        let weight = parameters[c * dimensions + j] / scaler.scale[j]
        weights[c * dimensions + j] = weight
        shift += weight * solverScaler.offset[j]
      }
      bias[c] = intercept.featureValue * parameters[split + c] - shift
    }
    self.classCount = classCount
    self.dimensions = dimensions
    self.c = c
    self.weights = weights
    self.bias = bias
    self.scaler = scaler
    self.objective = factor * solution.last.value
    self.gap = factor * solution.last.gap
    // A one-score gradient is g₁ - g₀ = √2 ‖(g₀, g₁)‖ long; for more classes the factor is 1.
    self.gradientNorm = factor.squareRoot() * solution.last.gradientNorm
    self.iterations = solution.iterations
    self.hessianProducts = solution.hessianProducts
    self.stopReason = solution.stopReason
    self.scaledParameters = parameters
    let penalty = 0.5 * dot(Array(parameters[..<split]), Array(parameters[..<split]))
    self.lossShare = (solution.last.value - penalty) / (totalCost * logarithm(Double(classCount)))
  }
}

extension [Double] {
  /// Subtracts the mean of `count` elements from each of them.
  fileprivate mutating func centre(from start: Int, by step: Int, count: Int) {
    var mean = 0.0
    for i in 0..<count { mean += self[start + i * step] }
    mean /= Double(count)
    for i in 0..<count { self[start + i * step] -= mean }
  }
}
