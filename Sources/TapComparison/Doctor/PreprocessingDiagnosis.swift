// The results of running images under the variants of a preprocessing.

import TapFeatures
import TapMetrics
import TapProvenance
import TapSelection

/// The effect of a backbone's preprocessing on some images.
package struct PreprocessingDiagnosis: Sendable {
  /// The accuracy on images that a model was not fitted to.
  package struct Accuracy: Sendable {
    /// Correct predictions over all folds.
    package let accuracy: Proportion
    /// The images on which exactly one of it and the present preprocessing, trained and tested alike, is right.
    package let againstPresent: PairedComparison

    /// The difference to the present preprocessing in percentage points.
    package var gain: Double {
      Double(againstPresent.onlyFirst - againstPresent.onlySecond) / Double(accuracy.count) * 100
    }
  }

  /// The effect of one change on one column of features.
  package struct Finding: Sendable {
    package let variant: PreprocessingVariant
    /// The number of images whose network input it changes at all.
    package let touched: Int
    /// ‖f′ - f‖ / ‖f‖ over the images that it changes; nil if there are none. Infinite if features are infinite.
    package let movement: Spread?
    /// The median cosine of f′ and f over the images that it changes; nil if there are none.
    package let cosine: Double?
    /// The mean of ‖f′ - f‖ / ‖f‖ over all images.
    package let meanMovement: Double
    /// The accuracy of training on the present preprocessing and testing on this one: a deployed model that differs
    /// from its trainer. Nil without labels, or if features are not finite.
    package let mismatched: Accuracy?
    /// The accuracy of training and testing on this one; nil without labels, or if features are not finite.
    package let retrained: Accuracy?
  }

  /// The median and the 95th percentile of values.
  package struct Spread: Hashable, Sendable {
    package let median: Double
    /// The 95th percentile.
    package let high: Double
  }

  /// One column of features under all variants.
  package struct ColumnFindings: Sendable {
    package let column: Column
    /// The number of values of one image.
    package let dimensions: Int
    /// The median ‖g - f‖ / ‖f‖ of two different images: a scale for the changes. Nil for one image.
    package let apart: Double?
    /// Correct predictions under the present preprocessing, over all folds; nil without labels.
    package let accuracy: Proportion?
    /// The changes, in descending order of their mean.
    package let findings: [Finding]
  }

  /// The reason for missing accuracies.
  package enum NoAccuracy: Error, Equatable, Sendable {
    /// No image has a label.
    case unlabeled
    /// Fewer than two classes have two images that could be read.
    case tooFewClasses
    /// Classes or groups cannot be split into folds.
    case unsplittable(SelectionError)
  }

  /// The data and models behind the accuracies.
  package struct Measurement: Hashable, Sendable {
    package let folds: Int
    package let c: Double
    package let classes: Int
    /// The number of judged images of the most frequent class.
    package let majority: Proportion
  }

  package let backbone: String
  /// The preprocessing that the variants change.
  package let preprocessing: Preprocessing
  /// The number of images in the list, without test images.
  package let available: Int
  /// The number of images of a test split, which are never read for a choice.
  package let testImages: Int
  /// The number of classes in the list, and of classes drawn; 0 without labels.
  package let classes: (available: Int, drawn: Int)
  /// The examined images, in list order.
  package let images: [ImageItem]
  /// The images that were drawn and could not be read.
  package let unreadable: [(path: String, reason: String)]
  package let seed: UInt64
  /// One result for each column of the settings.
  package let columns: [ColumnFindings]
  /// The way accuracies were measured, or the reason why they were not.
  package let measurement: Result<Measurement, NoAccuracy>
}
