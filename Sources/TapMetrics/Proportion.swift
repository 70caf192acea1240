// A share of counted items, and the uncertainty of this share.

import Glibc

/// The two ends of a confidence interval.
public struct ConfidenceInterval: Hashable, Sendable {
  /// The lower end.
  public let lower: Double
  /// The upper end.
  public let upper: Double

  /// Creates an interval with these ends.
  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }
}

/// The number of items with a property, and the number of all items. For an accuracy, these are the numbers of correct
/// predictions and of all predictions.
public struct Proportion: Hashable, Sendable {
  /// The number of items that have the property.
  public let successes: Int
  /// The number of all items.
  public let count: Int
  /// The interval for items in groups; nil without groups.
  public internal(set) var resampled: GroupedInterval?

  /// - Precondition: `0 <= successes <= count`.
  public init(successes: Int, count: Int) {
    precondition(0 <= successes && successes <= count, "\(successes) of \(count)")
    self.successes = successes
    self.count = count
  }

  /// `successes / count`, in 0...1; NaN for no items.
  public var value: Double { Double(successes) / Double(count) }

  /// Wilson's score interval of ``value`` and ``count``. Wilson's interval stays within 0...1.
  /// Unlike the textbook interval, Wilson's interval has a width above 0 if `successes` is 0 or `count`. Wilson's
  /// interval assumes that items are independent. If items come in groups, the 95 % interval is ``resampled`` instead.
  ///
  /// Source: Wilson, "Probable inference, the law of succession, and statistical inference" (1927).
  ///
  /// - Parameter confidence: the probability that the interval aims at, above 0 and below 1.
  /// - Returns: the interval, or 0...1 for no items.
  public func interval(confidence: Double = 0.95) -> ConfidenceInterval {
    precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
    if confidence == 0.95, let resampled { return resampled.interval }
    guard count > 0 else { return ConfidenceInterval(lower: 0, upper: 1) }
    return .wilson(value, count: Double(count), confidence: confidence)
  }
}

extension ConfidenceInterval {
  /// Wilson's score interval of a share p of n items, which need not be a whole number. Its ends are
  /// ```
  /// (p + z²/2n ± z √(p (1 - p)/n + z²/4n²)) / (1 + z²/n)
  /// ```
  /// Here z is the normal quantile of (1 + confidence)/2.
  package static func wilson(_ p: Double, count n: Double, confidence: Double) -> ConfidenceInterval {
    let z = standardNormalQuantile(0.5 + 0.5 * confidence)
    let center = p + z * z / (2 * n)
    let spread = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    return ConfidenceInterval(
      lower: p == 0 ? 0 : max(0, (center - spread) / scale),
      upper: p == 1 ? 1 : min(1, (center + spread) / scale))
  }
}

/// The number z with Φ(z) = p, for p in 0.5..<1. Newton's method on Φ converges upward from 0, because Φ is concave for
/// z ≥ 0.
package func standardNormalQuantile(_ p: Double) -> Double {
  var z = 0.0
  for _ in 0..<100 {
    let tail = 0.5 * erfc(z / 2.0.squareRoot())
    let density = exp(-0.5 * z * z) / (2 * Double.pi).squareRoot()
    let step = (tail - (1 - p)) / density
    z += step
    if abs(step) <= 1e-15 * max(1, z) { break }
  }
  return z
}
