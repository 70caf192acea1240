// The accuracy of the surest predictions: what remains right if unsure images get no class.

/// A part of the predictions: the predictions with at least a certain probability.
public struct Coverage: Hashable, Sendable {
  /// The share of the predictions that the part was made for, above 0 and at most 1. Predictions with equal
  /// probabilities stay together, so the part may be larger.
  public let wanted: Double
  /// The smallest probability of the part.
  public let leastProbability: Double
  /// The share of right predictions of the part.
  public let accuracy: Proportion

  /// The accuracy of the surest tenth of the predictions, of the surest two tenths and so on, from all predictions to
  /// one tenth.
  ///
  /// - Parameters:
  ///   - confidences: the probability of each prediction; at least one.
  ///   - isRight: whether each prediction is right.
  ///   - groups: the number of each item's group; nil if items are independent.
  /// - Precondition: the counts are equal.
  static func tenths(confidences: [Double], isRight: [Bool], groups: [Int]?) -> [Coverage] {
    precondition(confidences.count == isRight.count, "\(confidences.count) and \(isRight.count) predictions")
    let falling = confidences.sorted(by: >)
    return stride(from: 10, to: 0, by: -1).map { tenths in
      let least = falling[(tenths * falling.count + 9) / 10 - 1]
      let part = confidences.indices.filter { confidences[$0] >= least }
      return Coverage(
        wanted: Double(tenths) / 10, leastProbability: least,
        accuracy: Proportion(part.map { isRight[$0] }, groups: groups.map { groups in part.map { groups[$0] } }))
    }
  }
}
