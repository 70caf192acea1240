// What came of running images under the variants of a preprocessing.

import TapFeatures
import TapMetrics
import TapProvenance
import TapSelection

/// How much a backbone's preprocessing matters on some images.
package struct Examination: Sendable {
  /// How accurately classes are told, on images that a model was not fitted to.
  package struct Accuracy: Sendable {
    /// Correct predictions over all folds.
    package let accuracy: Proportion
    /// Where it and the present preprocessing, trained and tested alike, part on these images.
    package let againstPresent: PairedComparison

    /// Percentage points above the present preprocessing.
    package var gain: Double {
      Double(againstPresent.onlyFirst - againstPresent.onlySecond) / Double(accuracy.count) * 100
    }
  }

  /// What one change does to one column of features.
  package struct Finding: Sendable {
    package let variant: PreprocessingVariant
    /// Images whose input to the network it changes at all.
    package let touched: Int
    /// ‖f′ - f‖ / ‖f‖ over the images that it touches; nil if there are none. Infinite where features are.
    package let movement: Spread?
    /// The cosine of f′ and f over the images that it touches, median; nil if there are none.
    package let cosine: Double?
    /// The mean of ‖f′ - f‖ / ‖f‖ over all images.
    package let meanMovement: Double
    /// Trained on the present preprocessing, tested on this one: a deployed model that disagrees with its trainer. Nil without
    /// labels, and where features are not finite.
    package let mismatched: Accuracy?
    /// Trained and tested on this one; nil without labels, and where features are not finite.
    package let retrained: Accuracy?
  }

  /// The middle and the far end of values.
  package struct Spread: Hashable, Sendable {
    package let median: Double
    /// The 95th percentile.
    package let high: Double
  }

  /// One column of features under all variants.
  package struct ColumnFindings: Sendable {
    package let column: Column
    /// Values of one image.
    package let dimensions: Int
    /// ‖g - f‖ / ‖f‖ of two different images, median: what a movement is to be compared with. Nil for one image.
    package let apart: Double?
    /// Correct predictions under the present preprocessing, over all folds; nil without labels.
    package let accuracy: Proportion?
    /// By falling mean movement.
    package let findings: [Finding]
  }

  /// Why there are no accuracies.
  package enum NoAccuracy: Error, Equatable, Sendable {
    /// No image has a label.
    case unlabelled
    /// Fewer than two classes have two images that could be read.
    case tooFewClasses
    /// Classes or groups that cannot be split into folds.
    case unsplittable(SelectionError)
  }

  /// What accuracies are measured with.
  package struct Measurement: Hashable, Sendable {
    package let folds: Int
    package let c: Double
    package let classes: Int
    /// Images of the most frequent class, of those that judge.
    package let majority: Proportion
  }

  package let backbone: String
  /// What the variants differ from.
  package let preprocessing: Preprocessing
  /// Images of the list, test images left out.
  package let available: Int
  /// Images of a test split, which are never read for a choice.
  package let testImages: Int
  /// Classes of the list, and those of them that were drawn; 0 without labels.
  package let classes: (available: Int, drawn: Int)
  /// Images that were examined, in list order.
  package let images: [ImageItem]
  /// Images that were drawn and could not be read.
  package let unreadable: [(path: String, reason: String)]
  package let seed: UInt64
  /// One for each column asked for.
  package let columns: [ColumnFindings]
  /// How accuracies were measured, or why they were not.
  package let measurement: Result<Measurement, NoAccuracy>
}
