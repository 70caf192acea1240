// The first sentence of every evaluation, and the shorter ones that follow it.

import TapMetrics
import TapText

/// Accuracies with their intervals.
package enum AccuracyText {
  /// `accuracy 81.2 % (76.9-84.8, 95 %, 372 test images; majority class 19.6 %)`.
  ///
  /// - Parameters:
  ///   - counted: the classified items, in the plural: `test images`.
  ///   - majority: the share of the most frequent class.
  package static func firstLine(accuracy: Proportion, counted: String, majority: Proportion) -> String {
    "accuracy \(share(accuracy)) (\(interval(accuracy)), \(level(accuracy)), \(accuracy.count) \(counted); "
      + "majority class \(share(majority)))"
  }

  /// `81.2 %`.
  package static func share(_ proportion: Proportion) -> String {
    "\(NumberText.percent(proportion.value)) %"
  }

  /// `95 %`, and a note if whole groups were drawn.
  package static func level(_ proportion: Proportion) -> String {
    "95 %" + (proportion.resampled.map { " \(drawing($0.groups))" } ?? "")
  }

  /// `by resampling 24 groups`.
  package static func drawing(_ groups: Int) -> String {
    "by resampling \(NumberText.grouped(groups)) group\(groups == 1 ? "" : "s")"
  }

  /// The 95 % interval in percent: `76.9-84.8`.
  package static func interval(_ proportion: Proportion) -> String {
    range(proportion.interval())
  }

  /// `94.1 % (91.9-96.0, 95 % by bootstrap)`.
  ///
  /// - Parameter groups: the number of groups that were drawn from; nil if items were drawn.
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
