// The start of a fit: an earlier model's weights, or the end of the last fit on a path of C.

import TapTensors

/// The scores of an earlier model as the start of a fit, which reaches the same result sooner.
///
/// The minimum is unique, and a fit stops when its gap is certified. So the start changes only the number of steps.
package struct WarmStart: Hashable, Sendable {
  /// `[classes, dimensions]`, row-major, for raw features, in the order of the new model's classes; 0 for a class that
  /// the earlier model lacks.
  package let weights: [Double]
  /// `[classes]`, for raw features.
  package let bias: [Double]

  /// Creates a start with these parameters.
  ///
  /// - Precondition: every class has the same number of weights, all finite.
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
  /// W `[outputs, columns]`, then the weights of the appended feature.
  package let parameters: [Double]
  /// A direction from `parameters` along which the objective is likely to decrease further.
  package let direction: [Double]?
  /// Whether `parameters` are the optimum of another C, on the same data.
  let isOfAnotherC: Bool

  /// A start for another C on the same data.
  init(parameters: [Double], direction: [Double]?) {
    self.parameters = parameters
    self.direction = direction
    isOfAnotherC = true
  }

  /// A start for another C on the same data.
  package init(_ fitted: FittedLinearModel) {
    self.init(parameters: fitted.scaledParameters, direction: nil)
  }

  /// A start at an earlier model's scores: x′ = (x - o) / s turns W x + b into (W s) x′ + (b + W o).
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
    // Two classes have one score: the second class's, or for a softmax its difference from the first class's.
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
  /// Moves to a point, or to 0 if the objective is lower there: weights for features in another unit may be far off.
  ///
  /// - Returns: whether it moved to the point.
  @discardableResult mutating func startLow(at parameters: [Double]) -> Bool {
    start(at: parameters)
    if value <= problem.valueAtZero { return true }
    start(at: [Double](repeating: 0, count: parameterCount))
    return false
  }
}

extension PenalizedObjective {
  /// As in ``LinearObjective``.
  mutating func startLow(at parameters: [Double]) {
    start(at: parameters)
    if !(value <= problem.valueAtZero) { start(at: [Double](repeating: 0, count: parameterCount)) }
  }
}

extension LinearModel {
  /// Fits as ``fit(_:rows:labels:classCount:sampleWeights:)``, starting from an earlier model's weights.
  ///
  /// The result is that of a fit from 0, up to the certified gap. Some fits begin at 0 all the same: a nearest mean, an
  /// SVM with the plain hinge or Crammer and Singer's loss, a fit on principal components, and every fit whose
  /// objective is higher at `start` than at 0. A start saves steps if the earlier model is near: fitted with about this
  /// C to most of these rows.
  ///
  /// - Parameter start: nil for 0.
  /// - Throws: also ``LinearModelError/startClassCount(expected:found:)`` for a start of other classes,
  ///   ``LinearModelError/columnCount(expected:found:)`` for one of other dimensions.
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
