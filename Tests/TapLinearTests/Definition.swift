// Objectives as their documentation defines them, in plain loops over the raw features.

import Glibc
import TapLinear
import TapTensors

enum Definition {
  /// The objective P of a fitted model, with the penalty on weights of the scaled features.
  static func objective(of fitted: FittedLinearModel, _ model: any RegularizedEstimator, _ data: OddData)
    -> Double
  {
    let point = scaled(fitted, model)
    return objective(at: point, fitted.scaler, model, data)
  }

  /// The norm of the gradient of P, from differences in one parameter after the other. At points with kinks it is
  /// meaningless.
  static func gradientNorm(
    of fitted: FittedLinearModel, _ model: any RegularizedEstimator, _ data: OddData
  ) -> Double {
    let point = scaled(fitted, model)
    let largest = (point.weights + point.intercepts).reduce(1) { max($0, abs($1)) }
    let step = 1e-5 * largest
    func slope(_ move: (inout Point, Double) -> Void) -> Double {
      // The derivative comes from the five-point stencil.
      let values = [-2.0, -1, 1, 2].map { multiple in
        var moved = point
        move(&moved, multiple * step)
        return objective(at: moved, fitted.scaler, model, data)
      }
      return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
    }
    var square = 0.0
    for e in point.weights.indices {
      let partial = slope { $0.weights[e] += $1 }
      square += partial * partial
    }
    guard model.intercept != .none else { return square.squareRoot() }
    for c in point.intercepts.indices {
      // A penalized intercept is the weight of an appended feature.
      let partial = slope { $0.intercepts[c] += model.intercept.featureValue * $1 }
      square += partial * partial
    }
    return square.squareRoot()
  }

  /// The weights W of the scaled features, and the intercepts b for features at their offset.
  private struct Point {
    var weights: [Double]
    var intercepts: [Double]
  }

  private static func scaled(_ fitted: FittedLinearModel, _ model: any RegularizedEstimator) -> Point {
    let (k, d) = (fitted.classCount, fitted.dimensions)
    var scaled = fitted.weights
    for e in scaled.indices { scaled[e] *= fitted.scaler.scale[e % d] }
    var intercepts = (0..<k).map { c in
      (0..<d).reduce(fitted.bias[c]) { $0 + fitted.weights[c * d + $1] * fitted.scaler.offset[$1] }
    }
    if k == 2, (model as? LinearSVM)?.loss != .crammerSinger {
      // With two classes there is one score. In a logistic regression it is the difference of two scores.
      let share = fitted.kind == .svm ? 0.5 : 1
      scaled = (0..<d).map { share * (scaled[d + $0] - scaled[$0]) }
      intercepts = [share * (intercepts[1] - intercepts[0])]
    }
    return Point(weights: scaled, intercepts: intercepts)
  }

  private static func objective(
    at point: Point, _ scaler: FeatureScaler, _ model: any RegularizedEstimator, _ data: OddData
  ) -> Double {
    let d = scaler.scale.count
    var penalized = point.weights
    if case .penalized(let scale) = model.intercept { penalized += point.intercepts.map { $0 / scale } }
    let penalty = (model as? LogisticRegression)?.penalty ?? (model as? LinearSVM)?.penalty ?? .l2
    let ratio =
      switch penalty {
      case .l2: 0.0
      case .l1: 1.0
      case .elasticNet(let ratio): ratio
      case .none: Double.nan
      }
    var total = penalized.reduce(0) { $0 + 0.5 * (1 - ratio) * $1 * $1 + ratio * abs($1) }
    if penalty == .none { total = 0 }
    for row in 0..<data.features.rows {
      let scores = data.features.withRow(row) { values in
        point.intercepts.indices.map { c in
          (0..<d).reduce(point.intercepts[c]) {
            $0 + point.weights[c * d + $1] * (Double(values[$1]) - scaler.offset[$1]) / scaler.scale[$1]
          }
        }
      }
      total += model.c * data.weights[row] * loss(model, scores, data.labels[row])
    }
    return total
  }

  private static func loss(_ model: any RegularizedEstimator, _ scores: [Double], _ label: Int) -> Double {
    let margins = scores.indices.map { c in
      (label == (scores.count == 1 ? 1 : c) ? 1 : -1) * scores[c]
    }
    guard let svm = model as? LinearSVM else {
      if scores.count == 1 || (model as? LogisticRegression)?.multiClass == .oneVersusRest {
        return margins.reduce(0) { $0 + log1p(exp(-abs($1))) + max(0, -$1) }
      }
      let top = scores.max() ?? 0
      return top + log(scores.reduce(0) { $0 + exp($1 - top) }) - scores[label]
    }
    if svm.loss == .crammerSinger {
      return scores.indices.reduce(0) { max($0, $1 == label ? 0 : 1 + scores[$1] - scores[label]) }
    }
    let shortfalls = margins.map { max(0, 1 - $0) }
    return shortfalls.reduce(0) { $0 + (svm.loss == .hinge ? $1 : $1 * $1) }
  }
}
