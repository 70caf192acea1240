// Two classifiers on the same items.

import Glibc

/// The items on which two classifiers differ in correctness.
public struct PairedComparison: Hashable, Sendable {
  /// The number of items that only the first classifies correctly.
  public let onlyFirst: Int
  /// The number of items that only the second classifies correctly.
  public let onlySecond: Int

  /// - Precondition: both counts at least 0.
  public init(onlyFirst: Int, onlySecond: Int) {
    precondition(onlyFirst >= 0 && onlySecond >= 0, "\(onlyFirst) and \(onlySecond) items")
    self.onlyFirst = onlyFirst
    self.onlySecond = onlySecond
  }

  /// Compares predictions of the same items.
  ///
  /// - Precondition: equal counts.
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

  /// McNemar's test, exact and two-sided: the probability of a division at least as uneven if each differing item is
  /// equally likely to be on either side,
  /// ```
  /// min(1, 2 Σ_{i ≤ m} (n choose i) / 2ⁿ),      n = onlyFirst + onlySecond,  m the smaller of the two
  /// ```
  /// It assumes independent items, and does not correct for the number of pairs compared.
  ///
  /// Source: McNemar, "Note on the sampling error of the difference between correlated proportions or percentages"
  /// (1947), with the binomial distribution instead of its normal approximation.
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
