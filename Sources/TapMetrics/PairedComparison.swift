// The comparison of two classifiers on the same items.

import Glibc

/// The numbers of items that only one of two classifiers classifies correctly.
public struct PairedComparison: Hashable, Sendable {
  /// The number of items that only the first classifier classifies correctly.
  public let onlyFirst: Int
  /// The number of items that only the second classifier classifies correctly.
  public let onlySecond: Int

  /// - Precondition: both counts are at least 0.
  public init(onlyFirst: Int, onlySecond: Int) {
    precondition(onlyFirst >= 0 && onlySecond >= 0, "\(onlyFirst) and \(onlySecond) items")
    self.onlyFirst = onlyFirst
    self.onlySecond = onlySecond
  }

  /// Compares two classifiers' predictions of the same items.
  ///
  /// - Precondition: all three arrays have the same count.
  public init(labels: [Int], first: [Int], second: [Int]) {
    precondition(labels.count == first.count && labels.count == second.count, "predictions of other items")
    var (onlyFirst, onlySecond) = (0, 0)
    for item in labels.indices {
      let (isFirstRight, isSecondRight) = (first[item] == labels[item], second[item] == labels[item])
      if isFirstRight && !isSecondRight { onlyFirst += 1 }
      if isSecondRight && !isFirstRight { onlySecond += 1 }
    }
    self.init(onlyFirst: onlyFirst, onlySecond: onlySecond)
  }

  /// McNemar's test, exact and two-sided. Suppose that each counted item is equally likely to be in either count. The
  /// p-value is the probability that the two counts are at least as different as here:
  /// ```
  /// min(1, 2 Σ_{i ≤ m} (n choose i) / 2ⁿ),      n = onlyFirst + onlySecond,  m the smaller of the two
  /// ```
  /// The test assumes independent items. It does not correct for the number of comparisons.
  ///
  /// Source: McNemar, "Note on the sampling error of the difference between correlated proportions or percentages"
  /// (1947). Here the binomial distribution replaces its normal approximation.
  public var pValue: Double {
    let n = Double(onlyFirst + onlySecond)
    let smaller = min(onlyFirst, onlySecond)
    var total = 0.0
    for i in 0...smaller {
      let logChoose = lgamma(n + 1) - lgamma(Double(i) + 1) - lgamma(n - Double(i) + 1)
      total += exp(logChoose - n * log(2))
    }
    return min(1, 2 * total)
  }
}
