// Flips: predictions in which a new classifier differs from an earlier classifier.

import TapClassifier
import TapFeatures
import TapFileSystem
import TapFormats
import TapTensors
import TapText

/// The labeled items that two classifiers of the same features predict differently.
package struct PredictionFlips: Sendable {
  /// An item and its two predictions.
  package struct Flip: Sendable {
    /// The item, with its label.
    package let item: LabeledFeatures.Item
    /// The part of the item in the new training.
    package let part: SplitName
    /// The earlier classifier's prediction.
    package let old: String
    /// The new classifier's prediction.
    package let new: String

    var wasRight: Bool { item.image.label.hasBytes(of: old) }
    var isRight: Bool { item.image.label.hasBytes(of: new) }
  }

  /// The flips in list order: first of the training items, then of the validation items, then of the test items.
  package let flips: [Flip]
  /// The number of items in each part, in the order of ``flips``. Empty parts are left out.
  package let counts: [(part: SplitName, items: Int)]

  /// Predicts every labeled item of a partition with both classifiers.
  ///
  /// - Parameter features: `[rows, dimensions]`, the matrix of both classifiers' column.
  /// - Throws: ``TrainingError/classifier(_:)`` if a classifier needs features of another length,
  ///   ``TrainingError/notFinite(path:column:value:)``.
  package init(
    from old: Classifier, to new: Classifier, on data: LabeledFeatures, features: MatrixView,
    _ partition: Partition
  ) throws(TrainingError) {
    for classifier in [old, new] where classifier.dimensions != features.columns {
      throw .classifier(.dimensions(expected: classifier.dimensions, found: features.columns))
    }
    var flips: [Flip] = []
    var counts: [(part: SplitName, items: Int)] = []
    for (part, indices) in [
      (SplitName.train, partition.training), (.validation, partition.validation), (.test, partition.test),
    ] where !indices.isEmpty {
      counts.append((part, indices.count))
      for index in indices {
        let item = data.items[index]
        let (before, after) = features.withRow(item.row) { (old.prediction($0), new.prediction($0)) }
        guard let before, let after else { throw .notFinite(item.image.path, features, row: item.row) }
        if !before.hasBytes(of: after) { flips.append(Flip(item: item, part: part, old: before, new: after)) }
      }
    }
    self.flips = flips
    self.counts = counts
  }

  /// The flips as text. Each part has one line, like `12 of 450 training images: 9 wrong → right, 2 right → wrong, 1
  /// wrong → wrong`. The first flips follow.
  package func text(limit: Int = 20) -> String {
    var lines = counts.map { part, count in
      let own = flips.filter { $0.part == part }
      let gained = own.count { $0.isRight }
      let lost = own.count { $0.wasRight }
      let heading =
        "\(NumberText.grouped(own.count)) of \(NumberText.grouped(count)) \(Self.name(part)) images"
      return own.isEmpty
        ? heading
        : "\(heading): \(gained) wrong → right, \(lost) right → wrong, "
          + "\(own.count - gained - lost) wrong → wrong"
    }
    for flip in flips.prefix(limit) {
      lines.append(
        "  \(flip.item.image.path) (\(flip.part.rawValue), \(flip.item.image.label ?? "")): \(flip.old) → \(flip.new)"
      )
    }
    if flips.count > limit {
      lines.append("  and \(NumberText.grouped(flips.count - limit)) more (--flips F.csv lists all)")
    }
    return "flipped      " + lines.joined(separator: "\n             ")
  }

  /// The flips as CSV with the columns `path,part,label,old,new`, one line for each flip.
  package var csv: String {
    var text = CSV.line(["path", "part", "label", "old", "new"])
    for flip in flips {
      text += CSV.line([
        flip.item.image.path, flip.part.rawValue, flip.item.image.label ?? "", flip.old, flip.new,
      ])
    }
    return text
  }

  private static func name(_ part: SplitName) -> String {
    switch part {
    case .train: "training"
    case .validation: "validation"
    case .test: "test"
    }
  }
}

extension Classifier {
  /// The class of a vector of features before any transform; nil if the scores are not finite.
  fileprivate func prediction(_ features: Span<Float>) -> String? {
    let scores = scores(features)
    guard scores.allSatisfy(\.isFinite) else { return nil }
    return classNames[Self.prediction(scores: deciding(scores: scores))]
  }
}
