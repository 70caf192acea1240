// The criteria that compare candidates, and the values of the criteria for predictions.

import TapMetrics

/// The criterion that decides the best C, column and kind of model. In a tie, the candidate with the smallest log loss
/// is chosen.
public enum SelectionCriterion: String, Hashable, Sendable, CaseIterable {
  /// The share of correct predictions on held-out rows.
  case accuracy = "accuracy"
  /// The mean recall of the classes.
  case balancedAccuracy = "balanced-accuracy"
  /// The mean F1 of the classes.
  case macroF1 = "macro-f1"
  /// The mean of -log p(label); a smaller value is better. This criterion is only for models whose scores are
  /// probabilities.
  case logLoss = "log-loss"

  /// Classes are unbalanced if the largest class has more rows than this number multiplied by the rows of the smallest
  /// class.
  package static let imbalance = 3

  /// Whether the largest class has more rows than ``imbalance`` multiplied by the rows of the smallest class. Classes
  /// without rows are ignored.
  package static func isUnbalanced(classCounts: [Int]) -> Bool {
    let present = classCounts.filter { $0 > 0 }
    return (present.max() ?? 0) > imbalance * (present.min() ?? 0)
  }

  /// The default criterion: the balanced accuracy for unbalanced classes, else the accuracy.
  ///
  /// - Parameter classCounts: the number of training rows of each class.
  public static func usual(classCounts: [Int]) -> SelectionCriterion {
    isUnbalanced(classCounts: classCounts) ? .balancedAccuracy : .accuracy
  }

  /// The name for people: `balanced accuracy`.
  public var title: String {
    switch self {
    case .accuracy: "accuracy"
    case .balancedAccuracy: "balanced accuracy"
    case .macroF1: "macro F1"
    case .logLoss: "log loss"
    }
  }
}

/// The value of a criterion for predictions, and its standard error.
package struct Judgment {
  /// The criterion's value; for the log loss, a smaller value is better.
  package let score: Double
  /// The standard error of ``score``, computed from the influence of each row (the infinitesimal jackknife):
  /// ```
  /// √( Σᵢ uᵢ² ),    uᵢ = (rightᵢ - a) / n                                    accuracy a: √(a (1 - a) / n)
  ///                 uᵢ = (rightᵢ - r) / (n_y K)                              balanced accuracy, r the recall of yᵢ
  ///                 uᵢ = Σ_c (2 [yᵢ = qᵢ = c] - F_c ([yᵢ = c] + [qᵢ = c])) / ((n_c + m_c) K)     macro F1
  ///                 uᵢ = (lossᵢ - mean) / n                                  log loss
  /// ```
  package let standardError: Double

  /// Computes the criterion's value for predictions.
  ///
  /// - Parameter losses: -log p(label) of each row; only for the log loss.
  package init(
    _ criterion: SelectionCriterion, labels: [Int], predictions: [Int], losses: [Double], classCount: Int
  ) {
    let count = Double(labels.count)
    var support = [Int](repeating: 0, count: classCount)
    var (predicted, hits) = (support, support)
    for (label, prediction) in zip(labels, predictions) {
      support[label] += 1
      predicted[prediction] += 1
      if label == prediction { hits[label] += 1 }
    }
    func squares(_ influence: (Int) -> Double) -> Double {
      labels.indices.reduce(0) { $0 + influence($1) * influence($1) }
    }
    let total: Double
    switch criterion {
    case .accuracy:
      let share = Double(hits.reduce(0, +)) / count
      score = share
      total = squares { ((labels[$0] == predictions[$0] ? 1 : 0) - share) / count }
    case .balancedAccuracy:
      let recalls = zip(hits, support).map { Double($0) / Double($1) }
      let classes = Double(support.count { $0 > 0 })
      score = zip(recalls, support).reduce(0) { $0 + ($1.1 > 0 ? $1.0 : 0) } / classes
      total = squares { row in
        let label = labels[row]
        return ((label == predictions[row] ? 1 : 0) - recalls[label]) / (Double(support[label]) * classes)
      }
    case .macroF1:
      let sums = zip(support, predicted).map { Double($0 + $1) }
      let classes = Double(sums.count { $0 > 0 })
      let f1 = zip(hits, sums).map { $1 > 0 ? 2 * Double($0) / $1 : 0 }
      score = f1.reduce(0, +) / classes
      total = squares { row in
        let (label, prediction) = (labels[row], predictions[row])
        if label == prediction { return 2 * (1 - f1[label]) / (sums[label] * classes) }
        return -(f1[label] / sums[label] + f1[prediction] / sums[prediction]) / classes
      }
    case .logLoss:
      let mean = losses.reduce(0, +) / count
      score = mean
      total = squares { (losses[$0] - mean) / count }
    }
    standardError = total.squareRoot()
  }
}
