// Taps × poolings × classifiers, judged by the same held-out images.

import TapBackbone
import TapClassifier
import TapLinear
import TapMetrics
import TapProvenance
import TapSelection

/// What came of comparing columns and classifiers.
public struct Comparison: Sendable {
  /// One column under one classifier.
  public struct Entry: Sendable {
    /// Nil for a bare matrix.
    public let column: Column?
    /// The column's name for people.
    public let name: String
    /// How the images were resized, where that is compared; else nil.
    public let resize: String?
    /// Values of one image.
    public let dimensions: Int
    /// The kind of linear model.
    public let classifier: ClassifierKind
    /// The values of C that were tried, with the one that was chosen and its accuracy on rows held out.
    public let selection: Selection
    /// The forward pass of one image up to the tap, without decoding, in milliseconds: the median of some runs on this
    /// machine, one thread. Nil where the backbone is not at hand.
    public let milliseconds: Double?
    /// Multiplications with additions of one image up to the tap; nil where the backbone is not at hand.
    public let multiplyAdds: Int?
    /// Where this entry and the best one part on the held-out images.
    public let againstBest: PairedComparison

    /// Correct predictions on rows held out, for the chosen C.
    public var accuracy: Proportion { selection.chosen.accuracy }
  }

  /// What was used for what.
  public let partition: Partition
  /// In the order of class indices.
  public let classNames: [String]
  /// What judged the entries.
  public let method: SelectionRecord
  /// In the order of the columns, the classifiers of a column one after the other.
  public let entries: [Entry]
  /// The best by the criterion on rows held out.
  public let bestIndex: Int
  /// The best entry's model, as training alone would have made it.
  public let best: TrainedModel
  /// Entries whose C was searched for by this comparison; for the others the store knew the choice.
  public let searchedColumns: Int
  /// The best one on the test images; nil without a test part. No other is evaluated on them: the best of many on the test
  /// would be a choice, and its accuracy no measurement any more.
  public let test: Evaluation?
  /// Of the best one; nil if it was not asked for.
  public let learningCurve: LearningCurve?

  /// Values of C that the searches did not come to.
  package let untried: UntriedValues

  /// What the entries are compared by.
  public var criterion: SelectionCriterion { bestEntry.selection.criterion }

  /// What the images that judged make of the best entry's classes; nil where every class is predicted.
  package let neverPredicted: String?
  /// How the worst class fares with the best entry, where classes are unbalanced; nil elsewhere.
  package let worstClass: String?

  /// The estimate of nested cross-validation of choosing so; nil if it was not asked for.
  public var nested: NestedEstimate? { best.summary.nested }

  /// The entry of ``best``.
  public var bestEntry: Entry { entries[bestIndex] }

  /// Entries that parted from the best so unevenly that chance is an unlikely reason are worse (p < 0.05, McNemar's exact
  /// test, not corrected for the number of entries). The others are not told apart from the best by these images.
  public func isWorse(_ entry: Entry) -> Bool {
    entry.againstBest.pValue < 0.05 && entry.againstBest.onlySecond > entry.againstBest.onlyFirst
  }
}
