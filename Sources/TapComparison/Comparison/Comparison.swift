// Taps × poolings × classifiers, judged by the same held-out images.

import TapBackbone
import TapClassifier
import TapLinear
import TapMetrics
import TapProvenance
import TapSelection
import TapTraining

/// The result of comparing columns and classifiers.
public struct Comparison: Sendable {
  /// One column under one classifier.
  public struct Entry: Sendable {
    /// The column; nil for a bare matrix.
    public let column: Column?
    /// The column's name for people.
    public let name: String
    /// The resize rule, if several are compared; else nil.
    public let resize: String?
    /// The number of values of one image.
    public let dimensions: Int
    /// The kind of linear model.
    public let classifier: ClassifierKind
    /// The values of C that were tried, with the chosen one and its accuracy on held-out rows.
    public let selection: Selection
    /// The forward pass of one image up to the tap, without decoding, in milliseconds: the median of some runs on this
    /// machine, one thread. Nil without the backbone.
    public let milliseconds: Double?
    /// The multiply-adds of one image up to the tap; nil without the backbone.
    public let multiplyAdds: Int?
    /// The held-out images on which exactly one of this entry and the best one is right.
    public let againstBest: PairedComparison

    /// Correct predictions on held-out rows, for the chosen C.
    public var accuracy: Proportion { selection.chosen.accuracy }
  }

  /// The items for training, validation and test.
  public let partition: Partition
  /// In the order of class indices.
  public let classNames: [String]
  /// The method that judged the entries.
  public let method: SelectionRecord
  /// The entries in the order of the columns, the classifiers of a column one after the other.
  public let entries: [Entry]
  /// The best entry by the criterion on held-out rows.
  public let bestIndex: Int
  /// The best entry's model, the same as by training on it alone.
  package let best: TrainedModel
  /// The number of entries whose C was searched for by this comparison; for the others the store held the choice.
  public let searchedColumns: Int
  /// The best entry on the test images; nil without a test part. No other entry is evaluated on them: picking the best
  /// on the test images would be a choice, and its accuracy no longer a measurement.
  public let test: Evaluation?
  /// The learning curve of the best entry; nil if there is none.
  public let learningCurve: LearningCurve?

  /// The values of C that the searches skipped.
  package let untried: UntriedValues

  /// The criterion by which the entries are compared.
  public var criterion: SelectionCriterion { bestEntry.selection.criterion }

  /// The predictions of the best entry for the images held out from training.
  package let heldOutConfusion: ConfusionMatrix

  /// The estimate of this choice by nested cross-validation; nil if there is none.
  public var nested: NestedEstimate? { best.summary.nested }

  /// The entry at ``bestIndex``.
  public var bestEntry: Entry { entries[bestIndex] }

  /// Whether an entry is worse than the best one: their predictions differ so unevenly that chance is unlikely (p <
  /// 0.05, McNemar's exact test, not corrected for the number of entries). These images do not distinguish the others
  /// from the best.
  public func isWorse(_ entry: Entry) -> Bool {
    entry.againstBest.pValue < 0.05 && entry.againstBest.onlySecond > entry.againstBest.onlyFirst
  }
}
