// The results of a diagnosis, which runs images under the variants of a preprocessing.

import TapFeatures
import TapMetrics
import TapProvenance
import TapSelection

/// The effect of changes of a backbone's preprocessing on some images.
package struct PreprocessingDiagnosis: Sendable {
  /// The accuracy on images that the model was not fitted to.
  package struct Accuracy: Sendable {
    /// The number of correct predictions over all folds.
    package let accuracy: Proportion
    /// A comparison with the predictions of a model that is trained and tested under the present preprocessing. The
    /// comparison counts the images that are predicted correctly either only here or only by that model.
    package let againstPresent: PairedComparison

    /// The accuracy minus the accuracy under the present preprocessing, in percentage points.
    package var gain: Double {
      Double(againstPresent.onlyFirst - againstPresent.onlySecond) / Double(accuracy.count) * 100
    }
  }

  /// The effect of one change on one column of features.
  package struct Finding: Sendable {
    package let variant: PreprocessingVariant
    /// The number of images whose network input the change affects.
    package let touched: Int
    /// The spread of ‖f′ - f‖ / ‖f‖ over the images whose network input changes; nil if there are no such images. Here,
    /// f are an image's features under the present preprocessing, and f′ are its features under the changed
    /// preprocessing. The values are infinite if features are infinite.
    package let movement: Spread?
    /// The median cosine of f′ and f over the images whose network input changes; nil if there are no such images.
    package let cosine: Double?
    /// The mean of ‖f′ - f‖ / ‖f‖ over all images.
    package let meanMovement: Double
    /// The accuracy of a model trained under the present preprocessing and tested under the changed preprocessing. This
    /// is the case of a deployed model whose preprocessing differs from the preprocessing of its training. The value is
    /// nil if images have no labels, or if features are not finite.
    package let mismatched: Accuracy?
    /// The accuracy of a model trained and tested under the changed preprocessing. The value is nil if images have no
    /// labels, or if features are not finite.
    package let retrained: Accuracy?
  }

  /// The median and the 95th percentile of values.
  package struct Spread: Hashable, Sendable {
    package let median: Double
    /// The 95th percentile.
    package let high: Double
  }

  /// The findings for one column of features under all variants.
  package struct ColumnFindings: Sendable {
    package let column: Column
    /// The number of values of one image.
    package let dimensions: Int
    /// The median of ‖g - f‖ / ‖f‖, in which f and g are the features of two different images. This median gives a
    /// scale for the changes. The value is nil if there is only one image.
    package let apart: Double?
    /// The number of correct predictions over all folds under the present preprocessing; nil if images have no labels.
    package let accuracy: Proportion?
    /// The findings of all changes, in descending order of their mean change.
    package let findings: [Finding]
  }

  /// The reason why there are no accuracies.
  package enum NoAccuracy: Error, Equatable, Sendable {
    /// No image has a label.
    case unlabeled
    /// Fewer than two classes have at least two readable images.
    case tooFewClasses
    /// Classes or groups cannot be split into folds.
    case unsplittable(SelectionError)
  }

  /// The data and models from which the accuracies come.
  package struct Measurement: Hashable, Sendable {
    package let folds: Int
    package let c: Double
    package let classes: Int
    /// The number of judged images that belong to the most frequent class.
    package let majority: Proportion
  }

  package let backbone: String
  /// The preprocessing that the variants change.
  package let preprocessing: Preprocessing
  /// The number of images in the list, not counting test images.
  package let available: Int
  /// The number of images in the test split. A choice never reads these images.
  package let testImages: Int
  /// The number of classes in the list, and the number of drawn classes. Both are 0 if images have no labels.
  package let classes: (available: Int, drawn: Int)
  /// The examined images, in the order of the list.
  package let images: [ImageItem]
  /// The drawn images that could not be read.
  package let unreadable: [(path: String, reason: String)]
  package let seed: UInt64
  /// The findings for each column of the settings.
  package let columns: [ColumnFindings]
  /// The way in which accuracies were measured, or the reason why they were not measured.
  package let measurement: Result<Measurement, NoAccuracy>
}
