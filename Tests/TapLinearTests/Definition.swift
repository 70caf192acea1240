// Objectives as their documentation defines them, in plain loops over the raw features.

import Glibc
import TapLinear
import TapTensors

enum Definition {
  /// P of a fitted model, with the penalty in the scaled space.
  static func objective(of fitted: FittedLinearModel, _ model: any RegularizedEstimator, _ data: OddData)
    -> Double
  {
    let (k, d) = (fitted.classCount, fitted.dimensions)
    var scaled = fitted.weights
    for e in scaled.indices { scaled[e] *= fitted.scaler.scale[e % d] }
    // b in the scaled space is that of features at their offset.
    var intercepts = (0..<k).map { c in
      (0..<d).reduce(fitted.bias[c]) { $0 + fitted.weights[c * d + $1] * fitted.scaler.offset[$1] }
    }
    if k == 2, (model as? LinearSVM)?.loss != .crammerSinger {
      // One score tells two classes apart; a logistic regression's is the difference of two.
      let share = fitted.kind == .svm ? 0.5 : 1
      scaled = (0..<d).map { share * (scaled[d + $0] - scaled[$0]) }
      intercepts = [share * (intercepts[1] - intercepts[0])]
    }
    var penalised = scaled
    if case .penalised(let scale) = model.intercept { penalised += intercepts.map { $0 / scale } }
    let ratio =
      switch (model as? LogisticRegression)?.penalty ?? .l2 {
      case .l2: 0.0
      case .l1: 1.0
      case .elasticNet(let ratio): ratio
      case .none: Double.nan
      }
    var total = penalised.reduce(0) { $0 + 0.5 * (1 - ratio) * $1 * $1 + ratio * abs($1) }
    for row in 0..<data.features.rows {
      let scores = data.features.withRow(row) { values in
        intercepts.indices.map { c in
          (0..<d).reduce(intercepts[c]) {
            $0 + scaled[c * d + $1] * (Double(values[$1]) - fitted.scaler.offset[$1])
              / fitted.scaler.scale[$1]
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
