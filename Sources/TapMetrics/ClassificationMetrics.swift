// Metrics of predictions that are single numbers. Scores and probabilities are row-major `[items, classCount]`.

import Glibc

/// Metrics of predictions that are single numbers.
public enum ClassificationMetrics {
  /// The share of predictions that equal their label.
  ///
  /// - Precondition: there are as many labels as predictions.
  ///
  /// - Parameter groups: the number of each item's group; nil if items are independent. Groups are drawn as a whole for
  ///   the interval.
  public static func accuracy(labels: [Int], predictions: [Int], groups: [Int]? = nil) -> Proportion {
    precondition(
      labels.count == predictions.count, "\(labels.count) labels, \(predictions.count) predictions")
    return Proportion(zip(labels, predictions).map { $0 == $1 }, groups: groups)
  }

  /// The share of the most frequent class. It is the accuracy of a model that always predicts this class.
  ///
  /// - Precondition: labels are in `0..<classCount`.
  public static func majorityRate(labels: [Int], classCount: Int) -> Proportion {
    var counts = [Int](repeating: 0, count: classCount)
    for label in labels { counts[label] += 1 }
    return Proportion(successes: counts.max() ?? 0, count: labels.count)
  }

  /// The share of items whose label is among the `k` classes with the largest scores.
  ///
  /// In a tie, the class with the smaller index comes first, as in predictions, so that top-1 equals the accuracy. In
  /// scikit-learn's `top_k_accuracy_score`, the class with the larger index comes first.
  ///
  /// - Precondition: `k >= 1`, labels are in `0..<classCount`, and the number of scores is items times classes.
  public static func topK(
    labels: [Int], scores: [Double], classCount: Int, k: Int, groups: [Int]? = nil
  ) -> Proportion {
    precondition(k >= 1, "top \(k)")
    checkShape(labels, scores, classCount)
    var hits: [Bool] = []
    for (item, label) in labels.enumerated() {
      let own = scores[item * classCount + label]
      var ahead = 0
      for c in 0..<classCount where c != label {
        let other = scores[item * classCount + c]
        if other > own || (other == own && c < label) { ahead += 1 }
      }
      hits.append(ahead < k)
    }
    return Proportion(hits, groups: groups)
  }

  /// The mean of -log p(label), in nats; NaN for no items.
  ///
  /// Probabilities are clipped to ε...1-ε with ε = 2.2e-16, as in scikit-learn. So a mistake with probability 0 for the
  /// label costs 36 instead of infinity.
  ///
  /// - Precondition: labels are in `0..<classCount`, and the number of probabilities is items times classes.
  public static func logLoss(labels: [Int], probabilities: [Double], classCount: Int) -> Double {
    logLosses(labels: labels, probabilities: probabilities, classCount: classCount).reduce(0, +)
      / Double(labels.count)
  }

  /// -log p(label) of each item. Probabilities are clipped as in ``logLoss(labels:probabilities:classCount:)``.
  package static func logLosses(labels: [Int], probabilities: [Double], classCount: Int) -> [Double] {
    checkShape(labels, probabilities, classCount)
    return labels.enumerated().map { item, label in
      let p = probabilities[item * classCount + label]
      return -log(min(max(p, Double.ulpOfOne), 1 - Double.ulpOfOne))
    }
  }

  /// The mean squared distance of the probabilities from the true class; NaN for no items.
  /// ```
  /// more than two classes   1/n Σᵢ Σ_c (p_ic - [c = yᵢ])²,      in 0...2
  /// two classes             1/n Σᵢ (p_i1 - yᵢ)²,                in 0...1
  /// ```
  /// Both formulas are those of scikit-learn's `brier_score_loss`.
  ///
  /// Source: Brier, "Verification of forecasts expressed in terms of probability" (1950).
  ///
  /// - Precondition: labels are in `0..<classCount`, and the number of probabilities is items times classes.
  public static func brierScore(labels: [Int], probabilities: [Double], classCount: Int) -> Double {
    checkShape(labels, probabilities, classCount)
    var total = 0.0
    for (item, label) in labels.enumerated() {
      for c in (classCount == 2 ? 1 : 0)..<classCount {
        let distance = probabilities[item * classCount + c] - (c == label ? 1 : 0)
        total += distance * distance
      }
    }
    return total / Double(labels.count)
  }

  static func checkShape(_ labels: [Int], _ values: [Double], _ classCount: Int) {
    precondition(
      values.count == labels.count * classCount,
      "\(values.count) values for \(labels.count) items and \(classCount) classes")
    precondition(labels.allSatisfy { (0..<classCount).contains($0) }, "labels beyond \(classCount) classes")
  }
}
