// The sentence that every evaluation begins with, and the shorter ones that follow it.

import TapMetrics

/// Accuracies with how sure they are.
package enum AccuracyText {
  /// `accuracy 81.2 % (76.9-84.8, 95 %, 372 test images; majority class 19.6 %)`.
  ///
  /// - Parameters:
  ///   - counted: what was classified, in the plural: `test images`.
  ///   - majority: the share of the most frequent class.
  package static func firstLine(accuracy: Proportion, counted: String, majority: Proportion) -> String {
    "accuracy \(share(accuracy)) (\(interval(accuracy)), 95 %, \(accuracy.count) \(counted); "
      + "majority class \(share(majority)))"
  }

  /// `81.2 %`.
  package static func share(_ proportion: Proportion) -> String {
    "\(NumberText.percent(proportion.value)) %"
  }

  /// The 95 % interval in per cent: `76.9-84.8`.
  package static func interval(_ proportion: Proportion) -> String {
    range(proportion.interval())
  }

  /// `94.1 % (91.9-96.0, 95 % by bootstrap)`.
  package static func share(_ value: Double, bootstrap interval: ConfidenceInterval?) -> String {
    "\(NumberText.percent(value)) %" + (interval.map { " (\(range($0)), 95 % by bootstrap)" } ?? "")
  }

  private static func range(_ interval: ConfidenceInterval) -> String {
    "\(NumberText.percent(interval.lower))-\(NumberText.percent(interval.upper))"
  }
}
