// The first sentence of every evaluation, and the shorter sentences that follow.

import TapMetrics
import TapText

/// Accuracies with their intervals, as text.
package enum AccuracyText {
  /// The first line: `accuracy 81.2 % (76.9-84.8, 95 %, 372 test images; majority class 19.6 %)`.
  ///
  /// - Parameters:
  ///   - counted: the noun for the classified items, in the plural: `test images`.
  ///   - majority: the share of the most frequent class.
  package static func firstLine(accuracy: Proportion, counted: String, majority: Proportion) -> String {
    "accuracy \(share(accuracy)) (\(interval(accuracy)), \(level(accuracy)), \(accuracy.count) \(counted); "
      + "majority class \(share(majority)))"
  }

  /// The share in percent: `81.2 %`.
  package static func share(_ proportion: Proportion) -> String {
    "\(NumberText.percent(proportion.value)) %"
  }

  /// The level of the interval: `95 %`, with a note if the bootstrap drew whole groups.
  package static func level(_ proportion: Proportion) -> String {
    "95 %" + (proportion.resampled.map { " \(drawing($0.groups))" } ?? "")
  }

  /// The number of groups that the bootstrap drew from: `by resampling 24 groups`.
  package static func drawing(_ groups: Int) -> String {
    "by resampling \(NumberText.grouped(groups)) group\(groups == 1 ? "" : "s")"
  }

  /// The 95 % interval in percent: `76.9-84.8`.
  package static func interval(_ proportion: Proportion) -> String {
    range(proportion.interval())
  }

  /// A share with its bootstrap interval: `94.1 % (91.9-96.0, 95 % by bootstrap)`.
  ///
  /// - Parameter groups: the number of groups that the bootstrap drew from; nil if it drew single items.
  package static func share(
    _ value: Double, bootstrap interval: ConfidenceInterval?, groups: Int? = nil
  ) -> String {
    let how = groups.map(drawing) ?? "by bootstrap"
    return "\(NumberText.percent(value)) %" + (interval.map { " (\(range($0)), 95 % \(how))" } ?? "")
  }

  private static func range(_ interval: ConfidenceInterval) -> String {
    "\(NumberText.percent(interval.lower))-\(NumberText.percent(interval.upper))"
  }
}
