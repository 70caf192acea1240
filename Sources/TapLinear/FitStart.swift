// Where a fit begins: at an earlier model's weights, or along a path of C at the end of the last fit.

import TapTensors

/// The scores of an earlier model, for a fit to begin at; what it ends at is the same, sooner.
///
/// The minimum is unique and a fit stops when its gap is certified, so the start decides only how many steps that takes.
public struct WarmStart: Hashable, Sendable {
  /// `[classes, dimensions]`, row-major, for raw features, in the order of the new model's classes; 0 for a class that the
  /// earlier model does not know.
  public let weights: [Double]
  /// `[classes]`, for raw features.
  public let bias: [Double]

  /// The start with these parameters.
  ///
  /// - Precondition: as many weights for each class, all finite.
  public init(weights: [Double], bias: [Double]) {
    precondition(
      !bias.isEmpty && weights.count % bias.count == 0, "\(weights.count) weights for \(bias.count) classes")
    precondition(weights.allSatisfy(\.isFinite) && bias.allSatisfy(\.isFinite), "weights that are not finite")
    self.weights = weights
    self.bias = bias
  }

  /// The weights of a fitted model.
  public init(_ model: FittedLinearModel) { self.init(weights: model.weights, bias: model.bias) }
}

/// A start in the solver's space.
package struct FitStart: Sendable {
  /// W `[outputs, columns]`, then the weights of the appended feature.
  package let parameters: [Double]
  /// A line through `parameters` along which the objective is likely to be lower still.
  package let direction: [Double]?
  /// Whether `parameters` are the optimum of another C, on the same data.
  let isOfAnotherC: Bool

  /// For another C on the same data.
  init(parameters: [Double], direction: [Double]?) {
    self.parameters = parameters
    self.direction = direction
    isOfAnotherC = true
  }

  /// For another C on the same data.
  package init(_ fitted: FittedLinearModel) {
    self.init(parameters: fitted.scaledParameters, direction: nil)
  }

  /// For an earlier model's scores: x′ = (x - o) / s turns W x + b into (W s) x′ + (b + W o).
  ///
  /// - Throws: ``LinearModelError/columnCount(expected:found:)``, ``LinearModelError/startClassCount(expected:found:)``.
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
    // Two classes have one score: the second class's, or of a softmax how far it is above the first's.
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
  /// Moves to a point, or to 0 where that is lower: weights for features in another unit may be far off.
  ///
  /// - Returns: whether it is the point.
  @discardableResult mutating func startLow(at parameters: [Double]) -> Bool {
    start(at: parameters)
    if value <= problem.valueAtZero { return true }
    start(at: [Double](repeating: 0, count: parameterCount))
    return false
  }
}

extension PenalizedObjective {
  /// As of ``LinearObjective``.
  mutating func startLow(at parameters: [Double]) {
    start(at: parameters)
    if !(value <= problem.valueAtZero) { start(at: [Double](repeating: 0, count: parameterCount)) }
  }
}

extension LinearModel {
  /// Fits as ``fit(_:rows:labels:classCount:sampleWeights:)``, from an earlier model's weights on.
  ///
  /// The result is that of a fit from 0 up to the certified gap; a nearest mean, an SVM with the plain hinge or Crammer
  /// and Singer's loss and a fit on principal components begin at 0 all the same, and so does every fit whose objective is
  /// higher at `start` than at 0. Steps are saved where the earlier model is near: fitted with about this C to most of these
  /// rows.
  ///
  /// - Parameter start: nil is 0.
  /// - Throws: also ``LinearModelError/startClassCount(expected:found:)`` for a start of other classes,
  ///   ``LinearModelError/columnCount(expected:found:)`` for one of other dimensions.
  public func fit(
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
