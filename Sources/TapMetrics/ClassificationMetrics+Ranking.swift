// How well scores rank the items of a class before the other items, over all thresholds. Each class is ranked against
// the rest, and then the mean over classes is taken. Scores are row-major `[items, classCount]`.

extension ClassificationMetrics {
  /// How well one score separates the items of a class from the rest.
  public struct Ranking: Hashable, Sendable {
    /// The area under the receiver operating characteristic (ROC) curve. A pair is an item of the class and an item of
    /// another class. The area is the share of pairs in which the item of the class has the larger score. A tie counts
    /// as half. The value is nil if no item is of the class, or if all items are of the class.
    public let rocAUC: Double?
    /// The sum Σ (Rₙ - Rₙ₋₁) Pₙ over decreasing thresholds, with recall R and precision P, without interpolation; nil
    /// if no item is of the class.
    public let averagePrecision: Double?
  }

  /// The ranking of items by one score. The time is O(items log items).
  ///
  /// ```
  /// AUC = (Σ ranks of positives - p (p + 1) / 2) / (p q),      equal scores sharing their mean rank
  /// AP  = Σₙ (Rₙ - Rₙ₋₁) Pₙ,                                   equal scores sharing one threshold
  /// ```
  /// Here p is the number of items of the class, and q is the number of other items. The results equal those of
  /// scikit-learn's `roc_auc_score` and `average_precision_score`. If a result is nil here, scikit-learn returns NaN
  /// for the area and 0 for the average precision, with a warning.
  ///
  /// - Parameters:
  ///   - isPositive: for each item, whether it is of the class.
  ///   - scores: one score for each item, without NaN.
  /// - Precondition: there are as many scores as items.
  public static func ranking(isPositive: [Bool], scores: [Double]) -> Ranking {
    precondition(isPositive.count == scores.count, "\(isPositive.count) items, \(scores.count) scores")
    let positives = isPositive.count { $0 }
    let negatives = isPositive.count - positives
    guard positives > 0 else { return Ranking(rocAUC: nil, averagePrecision: nil) }
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    // Twice the number of pairs in which the item of the class has the larger score. A tie counts 1, so that all counts
    // are whole numbers.
    var halves = 0
    var precision = 0.0
    var (above, hits, start) = (0, 0, 0)
    while start < order.count {
      var (end, own) = (start, 0)
      while end < order.count, scores[order[end]] == scores[order[start]] {
        if isPositive[order[end]] { own += 1 }
        end += 1
      }
      let others = end - start - own
      above += others
      hits += own
      halves += own * (2 * (negatives - above) + others)
      precision += Double(own) * Double(hits) / Double(end)
      start = end
    }
    return Ranking(
      rocAUC: negatives == 0 ? nil : 0.5 * Double(halves) / (Double(positives) * Double(negatives)),
      averagePrecision: precision / Double(positives))
  }

  /// The ranking of each class against the rest. For two classes, both classes are ranked by the second class's score,
  /// as in scikit-learn. The first class's score is the mirror image, but rounding could break ties.
  ///
  /// - Precondition: labels are in `0..<classCount`, and the number of scores is items times classes.
  public static func rankings(labels: [Int], scores: [Double], classCount: Int) -> [Ranking] {
    checkShape(labels, scores, classCount)
    return (0..<classCount).map { label in
      let column =
        classCount == 2
        ? labels.indices.map { (label == 0 ? -1 : 1) * scores[2 * $0 + 1] }
        : labels.indices.map { scores[$0 * classCount + label] }
      return ranking(isPositive: labels.map { $0 == label }, scores: column)
    }
  }
}

extension [ClassificationMetrics.Ranking] {
  /// The macro average of the area under the ROC curve, over the classes that have this area; nil if no class has it.
  public var macroROCAUC: Double? { Self.mean(compactMap(\.rocAUC)) }

  /// The macro average of the average precision, over the classes that have items; nil if there are no items.
  public var macroAveragePrecision: Double? { Self.mean(compactMap(\.averagePrecision)) }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
