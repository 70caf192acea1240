// A comparison of taps, poolings and classifiers. Every combination is judged by the same held-out images.

import TapBackbone
import TapClassifier
import TapLinear
import TapMetrics
import TapProvenance
import TapSelection
import TapTraining

/// The result of comparing columns and classifiers.
public struct Comparison: Sendable {
  /// One column, or a combination of columns, under one classifier.
  public struct Entry: Sendable {
    /// The columns whose values a row consists of, in this order: one column, or several for a combination. The list is
    /// empty for a matrix without a known column.
    public let columns: [Column]
    /// The column's name for people.
    public let name: String
    /// The backbone if the comparison has several backbones; otherwise nil.
    public let backbone: String?
    /// The resize rule if the comparison has several resize rules; otherwise nil.
    public let resize: String?
    /// The number of values of one image.
    public let dimensions: Int
    /// The kind of linear model.
    public let classifier: ClassifierKind
    /// The tried values of C, with the chosen value and its accuracy on held-out rows.
    public let selection: Selection
    /// The time of the forward pass of one image up to the tap, in milliseconds, without the decoding of the file. The
    /// time is the median of seven runs on one thread of this machine. The value is nil if there is no backbone.
    public let milliseconds: Double?
    /// The multiply-adds of one image up to the tap, for a combination up to the tap with the most; nil if there is no
    /// backbone.
    public let multiplyAdds: Int?
    /// The place of the layer in the order of depth, or the multiply-adds if the comparison has several backbones; nil
    /// if the order is unknown.
    package let depth: Int?
    /// The held-out images that either only this entry or only the best entry predicts correctly.
    public let againstBest: PairedComparison
    /// The p-value of McNemar's test in ``againstBest``, corrected by Holm for the number of other entries. The value
    /// is 1 for the best entry.
    public let adjustedPValue: Double

    /// The only column; nil for a matrix without a known column, and for a combination.
    public var column: Column? { columns.count == 1 ? columns[0] : nil }

    /// Whether the entry is a combination of columns.
    public var isCombination: Bool { columns.count > 1 }

    /// The number of correct predictions on held-out rows, for the chosen C.
    public var accuracy: Proportion { selection.chosen.accuracy }
  }

  /// The items for training, validation and test.
  public let partition: Partition
  /// The names of the classes, in the order of class indices.
  public let classNames: [String]
  /// The method that judged the entries.
  public let method: SelectionRecord
  /// The entries, in the order of the columns. The entries of one column, which differ in the classifier, follow each
  /// other. The last entries are the best combinations of columns: for each classifier the best one of two columns, and
  /// of three if two were better than a single column.
  public let entries: [Entry]
  /// The baselines of k nearest neighbors, one for each column; empty unless they were compared. They are never chosen.
  public let baselines: [NeighborBaseline]
  /// The index of the entry that is best by the criterion on held-out rows.
  public let bestIndex: Int
  /// The model of the best entry. Training on the best entry's column alone gives the same model.
  package let best: TrainedModel
  /// The number of entries whose C this comparison searched for. The store held the choice of C for the other entries.
  public let searchedColumns: Int
  /// The number of models among which the best one was chosen: ``entries`` and the combinations that were tried and are
  /// no entries.
  public let tried: Int
  /// The accuracy of the best entry, corrected for the luck of the choice among the entries. The value is nil for a
  /// single entry, and for a choice by the log loss.
  public let corrected: CorrectedAccuracy?
  /// The evaluation of the best entry on the test images; nil if there is no test part. No other entry is evaluated on
  /// the test images. If test images chose the entry, the accuracy of the entry on these images would no longer be an
  /// unbiased estimate.
  public let test: Evaluation?
  /// The learning curve of the best entry; nil if there is none.
  public let learningCurve: LearningCurve?

  /// The values of C that the searches skipped.
  package let untried: UntriedValues

  /// A sentence about columns that hold the same numbers as other columns; nil if there are none.
  package let equalColumnsText: String?

  /// Whether combinations were wanted, but the best columns are the only ones of their backbones.
  package let isUncombined: Bool

  /// The criterion by which the entries are compared.
  public var criterion: SelectionCriterion { bestEntry.selection.criterion }

  /// The predictions of the best entry for the images that were held out from training.
  package let heldOutConfusion: ConfusionMatrix

  /// The estimate of this choice's accuracy by nested cross-validation; nil if nested cross-validation did not run.
  public var nested: NestedEstimate? { best.summary.nested }

  /// The entry at ``bestIndex``.
  public var bestEntry: Entry { entries[bestIndex] }

  /// Whether an entry is worse than the best entry. An entry counts as worse if it predicts fewer images correctly and
  /// ``Entry/adjustedPValue`` is below 0.05. Chance is then an unlikely reason for the difference between the
  /// predictions of the two entries, also among many entries. For all other entries, the held-out images do not show a
  /// difference from the best entry.
  public func isWorse(_ entry: Entry) -> Bool { isWorse(entry.againstBest, entry.adjustedPValue) }

  /// Whether a baseline is worse than the best entry, by the rule for entries.
  public func isWorse(_ baseline: NeighborBaseline) -> Bool {
    isWorse(baseline.againstBest, baseline.adjustedPValue)
  }

  private func isWorse(_ pair: PairedComparison, _ pValue: Double) -> Bool {
    pValue < 0.05 && pair.onlySecond > pair.onlyFirst
  }
}
