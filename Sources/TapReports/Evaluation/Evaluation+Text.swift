// The lines of text about an evaluation whose items the training may have used.

import TapMetrics
import TapText
import TapTraining

extension Evaluation {
  /// The accuracy on items that are new to the model. If the training used some of the items, a further line states
  /// their effect on the accuracy on all items.
  ///
  /// - Parameter counted: the noun for the classified items, in the plural: `test images`.
  package func headline(counted: String) -> [String] {
    let all = AccuracyText.firstLine(accuracy: accuracy, counted: counted, majority: majority)
    guard let seenCount, seenCount > 0 else { return [all] }
    guard let unseen else {
      return [
        all,
        "The model was trained on or chosen by each of these \(NumberText.grouped(labels.count)) \(counted): this measures "
          + "nothing. Evaluate on other images, or hold some back (train --test-fraction).",
      ]
    }
    return [
      AccuracyText.firstLine(
        accuracy: unseen.accuracy, counted: "unseen \(counted)", majority: unseen.majority),
      "All \(NumberText.grouped(labels.count)) \(counted): \(AccuracyText.share(accuracy)); the model was trained on or chosen "
        + "by \(NumberText.grouped(seenCount)) of them, so this and what follows is too good.",
    ]
  }

  /// A warning if the program does not know whether the training used the items; otherwise nil.
  package var unknownNote: String? {
    isSeen == nil
      ? "The model does not say whether it was trained on these \(NumberText.grouped(labels.count)) images: its file keeps no keys "
        + "of them, so that the accuracy may be too good." : nil
  }
}
