// The start of a fit: the weights of an earlier model, or the result of the last fit on a path of values of C.

import TapTensors

/// The parameters of an earlier model, from which a fit starts. From this start the fit reaches the same result in
/// fewer steps.
///
/// The minimum is unique, and a fit stops when the certified gap is small enough. So the start changes only the number
/// of steps.
package struct WarmStart: Hashable, Sendable {
  /// The weights for raw features, `[classes, dimensions]`, row-major. The classes have the order of the new model. The
  /// weights of a class that the earlier model lacks are 0.
  package let weights: [Double]
  /// The biases for raw features, `[classes]`.
  package let bias: [Double]

  /// Creates a start with these parameters.
  ///
  /// - Precondition: every class has the same number of weights, and all weights and biases are finite.
  package init(weights: [Double], bias: [Double]) {
    precondition(
      !bias.isEmpty && weights.count % bias.count == 0, "\(weights.count) weights for \(bias.count) classes")
    precondition(weights.allSatisfy(\.isFinite) && bias.allSatisfy(\.isFinite), "weights that are not finite")
    self.weights = weights
    self.bias = bias
  }

  /// The weights of a fitted model.
  package init(_ model: FittedLinearModel) { self.init(weights: model.weights, bias: model.bias) }
}

/// A start in the solver's space.
package struct FitStart: Sendable {
  /// W `[outputs, columns]`, followed by the weights of the appended constant feature.
  package let parameters: [Double]
  /// A direction from `parameters` along which the objective is likely to decrease further.
  package let direction: [Double]?
  /// Whether `parameters` are the optimum for another C on the same data.
  let isOfAnotherC: Bool

  /// A start from a fit for another C on the same data.
  init(parameters: [Double], direction: [Double]?) {
    self.parameters = parameters
    self.direction = direction
    isOfAnotherC = true
  }

  /// A start from a fit for another C on the same data.
  package init(_ fitted: FittedLinearModel) {
    self.init(parameters: fitted.scaledParameters, direction: nil)
  }

  /// A start with the scores of an earlier model. For scaled features x′ = (x - o) / s, the scores W x + b equal (W s)
  /// x′ + (b + W o).
  ///
  /// - Throws: ``LinearModelError/columnCount(expected:found:)``,
  ///   ``LinearModelError/startClassCount(expected:found:)``.
  init(
    _ start: WarmStart, _ data: TrainingData, kind: ClassifierKind, intercept: Intercept
  ) throws(LinearModelError) {
    let (columns, classCount) = (data.design.columns, data.classCount)
    guard start.bias.count == classCount else {
      throw .startClassCount(expected: classCount, found: start.bias.count)
    }
    guard start.weights.count == classCount * columns else {
      throw .columnCount(expected: start.weights.count / classCount, found: columns)
    }
    // Two classes have one score. For an SVM the score is the score of the second class. For a softmax the score is the
    // score of the second class minus the score of the first class.
    let isOneScore = classCount == 2
    let share = isOneScore && kind != .svm ? 1.0 : 0
    var parameters: [Double] = []
    var appended: [Double] = []
    let scaler = data.design.scaler
    for c in isOneScore ? 1..<2 : 0..<classCount {
      var score = start.bias[c] - share * start.bias[0]
      for j in 0..<columns {
        let weight = start.weights[c * columns + j] - share * start.weights[j]
        parameters.append(weight * scaler.scale[j])
        score += weight * scaler.offset[j]
      }
      appended.append(intercept == .none ? 0 : score / intercept.featureValue)
    }
    self.parameters = parameters + appended
    direction = nil
    isOfAnotherC = false
  }
}

extension LinearObjective {
  /// Moves to a point, or to 0 if the objective is lower at 0. The objective may be higher at the point, for example if
  /// the weights were fitted to features in another unit.
  ///
  /// - Returns: whether the objective moved to the point.
  @discardableResult mutating func startLow(at parameters: [Double]) -> Bool {
    start(at: parameters)
    if value <= problem.valueAtZero { return true }
    start(at: [Double](repeating: 0, count: parameterCount))
    return false
  }
}

extension PenalizedObjective {
  /// Moves to a point, or to 0 if the objective is lower at 0, as in ``LinearObjective``.
  mutating func startLow(at parameters: [Double]) {
    start(at: parameters)
    if !(value <= problem.valueAtZero) { start(at: [Double](repeating: 0, count: parameterCount)) }
  }
}

extension LinearModel {
  /// Fits like ``fit(_:rows:labels:classCount:sampleWeights:)``, but starts from the weights of an earlier model.
  ///
  /// The result equals the result of a fit from 0, up to the certified gap. Some fits ignore `start`: a nearest mean, a
  /// fit on principal components, and an SVM with the plain hinge or Crammer and Singer's loss. If the objective is
  /// higher at `start` than at 0, the fit begins at 0. A start saves steps if the earlier model was fitted to most of
  /// the same rows with a similar C.
  ///
  /// - Parameter start: the earlier model; nil starts at 0.
  /// - Throws: also ``LinearModelError/startClassCount(expected:found:)`` for a start with another number of classes,
  ///   and ``LinearModelError/columnCount(expected:found:)`` for a start with another number of dimensions.
  package func fit(
    _ features: MatrixView, rows: [Int]? = nil, labels: [Int], classCount: Int,
    sampleWeights: [Double]? = nil,
    from start: WarmStart?
  ) throws(LinearModelError) -> FittedLinearModel {
    let estimator = estimator
    let data = try estimator.prepare(
      features, rows: rows, labels: labels, classCount: classCount, sampleWeights: sampleWeights)
    guard let start, data.projection == nil else { return try estimator.fit(data) }
    let intercept = (estimator as? any RegularizedEstimator)?.intercept ?? .free
    return try estimator.fit(data, start: FitStart(start, data, kind: kind, intercept: intercept))
  }
}
