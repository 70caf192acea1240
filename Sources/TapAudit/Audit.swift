// The results of an audit: the problems of a data set that its features and files show.

import TapFeatures
import TapMetrics

/// The problems of labeled images, and possible problems.
package struct Audit: Sendable {
  /// The kind of a finding. The raw value is the word in files.
  package enum Kind: String, CaseIterable, Sendable {
    /// A label that is likely wrong.
    case label
    /// Equal images with different labels.
    case conflict
    /// An image of which another split has a copy.
    case leak
    /// An image to which an image of another split is nearly equal.
    case nearLeak = "near-leak"
    /// A group with images in several splits.
    case groupLeak = "group-leak"
    /// A copy of another image of the same split.
    case duplicate
    /// An image that is nearly equal to another image of the same split.
    case nearDuplicate = "near-duplicate"
    /// A very small image.
    case tiny
    /// An image of one color.
    case blank
    /// An image that is much less sharp than the others.
    case blurred
    /// An image with an unusual ratio of its sides.
    case oddSize = "odd-size"
    /// A class with few images in comparison with the largest class.
    case imbalance

    /// The topic of the kind.
    package var topic: Topic {
      switch self {
      case .label, .conflict: .label
      case .leak, .nearLeak, .groupLeak: .leak
      case .duplicate, .nearDuplicate: .duplicate
      case .tiny, .blank, .blurred, .oddSize: .image
      case .imbalance: .imbalance
      }
    }
  }

  /// Kinds of findings that a script may refuse together.
  package enum Topic: String, CaseIterable, Sendable {
    case label, leak, duplicate, image, imbalance
  }

  /// One finding.
  package struct Finding: Hashable, Sendable {
    package let kind: Kind
    /// The path of the image; empty for a finding about a class.
    package var path = ""
    /// The path of the other image of a pair; empty without a pair.
    package var other = ""
    /// The given label; empty without a label.
    package var label = ""
    /// The label that the features suggest; empty for other findings.
    package var suggestion = ""
    /// The score of a label (below 0: other images contradict it), the cosine of a pair, the shorter side of a tiny
    /// image, the standard deviation of a blank image's samples, the sharpness of a blurred image in comparison with
    /// the median, the ratio of an image's sides, or the number of images of the largest class for each image of this
    /// class; nil for other findings.
    package var score: Double?
    /// The number of the group of equal and nearly equal images, from 1, or the name of a group that leaks; else empty.
    package var group = ""
    /// The searches that found a pair of nearly equal images; empty for other findings.
    package var finders: Finders = []
  }

  /// The judgment of the label of an image.
  package struct JudgedLabel: Hashable, Sendable {
    package let path: String
    package let label: String
    /// The label that the features suggest if the given label is wrong.
    package let suggestion: String
    /// See ``LabelIssues/Judgment/score``.
    package let score: Double
    /// The probability that the label is wrong.
    package let probability: Double
  }

  /// The judgment of labels.
  package struct Labels: Hashable, Sendable {
    /// The judgments of different images, the most suspicious first.
    package let all: [JudgedLabel]
    /// The number of different images whose labels were judged.
    package var judged: Int { all.count }
    /// The estimated number of wrong labels among them.
    package let estimate: Double
    /// The strength of the ridge penalty: see ``RidgeClassifier/penalty``.
    package let penalty: Double
    /// The classes with one image, whose labels cannot be judged.
    package let skipped: [String]
    /// The predictions of the judged images; nil unless they were asked for.
    package let predictions: Predictions?
  }

  /// The search for equal and nearly equal images.
  package struct Pairs: Hashable, Sendable {
    /// The smallest cosine of nearly equal images.
    package let threshold: Double
    /// The largest number of different bits in the hashes of nearly equal images; nil if no files were looked at.
    package let hashDistance: Int?
    /// The number of pairs of different images that are nearly equal.
    package let near: Int
    /// The number of groups of equal and nearly equal images.
    package let groups: Int
    /// The number of pairs at which the search stopped; nil if it found all pairs.
    package let stoppedAt: Int?
  }

  /// The worth of equal and nearly equal training images: the accuracy on test images with and without them. The
  /// model is a ridge classifier that is fitted to the images outside the test split.
  package struct Worth: Hashable, Sendable {
    /// The accuracy on all test images.
    package let all: Proportion
    /// The accuracy on test images to which an image outside the test split is equal or nearly equal.
    package let near: Proportion
    /// The accuracy on the other test images.
    package let others: Proportion
  }

  /// The number of images.
  package let images: Int
  /// The number of classes.
  package let classes: Int
  /// The number of images in each split, in the order of training, validation and test; empty without splits.
  package let splits: [(name: SplitName, count: Int)]
  /// The findings in the order of ``Kind``; the findings of a kind from the most to the least serious one.
  package let findings: [Finding]
  /// The topics that the audit looked for.
  package let topics: Set<Topic>
  /// The judgment of labels; nil if fewer than two classes have two different images, or if ``topics`` lacks labels.
  package let labels: Labels?
  /// The search for copies; nil if ``topics`` has neither leaks nor duplicates.
  package let pairs: Pairs?
  /// The worth of equal and nearly equal images; nil if no test image has one, or if
  /// ``topics`` lacks leaks.
  package let worth: Worth?
  /// Whether the files of the images were looked at.
  package let looksAtFiles: Bool

  /// The findings of a kind.
  package func findings(_ kind: Kind) -> [Finding] { findings.filter { $0.kind == kind } }
}
