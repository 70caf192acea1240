// The recalls of single classes, which the accuracy hides if the sizes of the classes differ. The text names classes
// that are never predicted, and the worst class.

import TapClassifier
import TapComparison
import TapMetrics
import TapSelection
import TapText
import TapTraining

/// The recalls of single classes.
package struct ClassRecalls {
  /// The largest number of classes that a sentence names.
  private static let shownClasses = 5

  private let confusion: ConfusionMatrix
  private let classNames: [String]
  private let counted: String

  /// - Parameter counted: the noun for the classified items, in the plural: `test images`.
  package init(_ confusion: ConfusionMatrix, classNames: [String], counted: String) {
    self.confusion = confusion
    self.classNames = classNames
    self.counted = counted
  }

  /// The recalls of an evaluation.
  package init(_ evaluation: Evaluation, counted: String) {
    self.init(evaluation.confusion, classNames: evaluation.classNames, counted: counted)
  }

  /// A sentence about classes that have items but are never predicted; nil without such classes.
  package var neverPredicted: String? {
    let lost = classNames.indices.filter {
      confusion.support(of: $0) > 0 && confusion.predicted(as: $0) == 0
    }
    guard let first = lost.first else { return nil }
    let advice = "more images of \(lost.count == 1 ? "it" : "them") help, or --class-weight balanced"
    if lost.count == 1 {
      return
        "Class '\(classNames[first])' is never predicted, though it has \(NumberText.grouped(confusion.support(of: first))) "
        + "of the \(NumberText.grouped(confusion.total)) \(counted): \(advice)."
    }
    let named = lost.prefix(Self.shownClasses).map { "'\(classNames[$0])' \(confusion.support(of: $0))" }
    return "\(lost.count) of \(classNames.count) classes are never predicted, though they have some of the "
      + "\(NumberText.grouped(confusion.total)) \(counted) (\(named.joined(separator: ", "))"
      + (lost.count > named.count ? " and \(lost.count - named.count) more" : "") + "): \(advice)."
  }

  /// The class with the smallest recall: `'zero', 60.0 % of its 5 training images recognized (23.1-88.2, 95 %)`.
  package var worst: String? {
    let present = classNames.indices.filter { confusion.support(of: $0) > 0 }
    func recall(_ label: Int) -> Proportion {
      Proportion(successes: confusion[actual: label, predicted: label], count: confusion.support(of: label))
    }
    guard let label = present.min(by: { recall($0).value < recall($1).value }) else { return nil }
    let found = recall(label)
    return
      "'\(classNames[label])', \(AccuracyText.share(found)) of its \(NumberText.grouped(found.count)) \(counted) recognized "
      + "(\(AccuracyText.interval(found)), 95 %)"
  }
}

extension Evaluation {
  /// The recall of the worst class if the classes of these items, or of the training items, are unbalanced; otherwise
  /// nil.
  package func worstClass(_ classifier: Classifier, counted: String) -> String? {
    let counts = [classifier.training.classCounts, confusion.perClass.map(\.support)]
    guard counts.contains(where: SelectionCriterion.isUnbalanced) else { return nil }
    return ClassRecalls(self, counted: counted).worst
  }
}

extension Comparison {
  /// A sentence about classes that the best entry never predicts for the held-out images; nil if the entry predicts
  /// every class.
  package var neverPredicted: String? { best.recalls(heldOutConfusion).neverPredicted }

  /// The recall of the worst class with the best entry, if the classes are unbalanced; otherwise nil.
  package var worstClass: String? { best.worstClass(heldOutConfusion) }
}

extension TrainedModel {
  /// The recalls of single classes on the held-out images.
  package func heldOutRecalls(_ data: LabeledFeatures) -> ClassRecalls {
    recalls(heldOutConfusion(of: data))
  }

  /// The recall of the worst class on the held-out images, if the classes are unbalanced; otherwise nil.
  package func worstClass(_ data: LabeledFeatures) -> String? {
    worstClass(heldOutConfusion(of: data))
  }

  fileprivate func recalls(_ heldOut: ConfusionMatrix) -> ClassRecalls {
    ClassRecalls(
      heldOut, classNames: classNames,
      counted: partition.validation.isEmpty ? "training images" : "validation images")
  }

  fileprivate func worstClass(_ heldOut: ConfusionMatrix) -> String? {
    SelectionCriterion.isUnbalanced(classCounts: summary.classCounts) ? recalls(heldOut).worst : nil
  }

  /// The criterion of the choice: `balanced accuracy, 70.9 % (classes have 5 to 300 images; --select-by)`. The value is
  /// nil if the criterion was the accuracy.
  package var criterionText: String? {
    let chosen = self.chosen.selection.chosen
    guard chosen.criterion != .accuracy else { return nil }
    let value = chosen.scoreText
    guard settings.criterion == nil, let least = trainingCounts.min(), let most = trainingCounts.max() else {
      return "\(chosen.criterion.title), \(value)"
    }
    return
      "\(chosen.criterion.title), \(value) (classes have \(least) to \(NumberText.grouped(most)) training images; --select-by)"
  }
}

extension Candidate {
  /// The score of the choice: `70.9 %`, or `0.123` for the log loss.
  package var scoreText: String {
    criterion == .logLoss ? NumberText.significant(score) : "\(NumberText.percent(score)) %"
  }
}
