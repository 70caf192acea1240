// The estimate of nested cross-validation, in words.

import TapClassifier
import TapText

extension NestedEstimate {
  /// The estimate: `accuracy 80.1 % (75.5-84.0, 95 %, 341 training images in 5 outer folds; C 0.01 to 0.1)`.
  package var text: String {
    let values = chosen.compactMap(\.c)
    var choices: [String] = []
    if let smallest = values.min(), let largest = values.max() {
      choices.append(
        "C " + NumberText.significant(smallest)
          + (smallest == largest ? "" : " to " + NumberText.significant(largest)))
    }
    let layers = Set(chosen.map(\.column)).sorted()
    if layers.count > 1 { choices.append(layers.joined(separator: ", ")) }
    return
      "accuracy \(AccuracyText.share(accuracy)) (\(AccuracyText.interval(accuracy)), \(AccuracyText.level(accuracy)), "
      + "\(NumberText.grouped(accuracy.count)) training images in "
      + (["\(folds.count) outer folds"] + choices).joined(separator: "; ") + ")"
  }
}
