// Fits the measure of novelty to training rows, and calibrates it with rows that a fit did not see.

import TapClassifier
import TapLinear
import TapSelection
import TapTensors

/// Fits ``NoveltyScore``.
package struct NoveltyFit: Sendable {
  static let folds = 5

  private let features: MatrixView
  private let rows: [Int]
  private let labels: [Int]
  private let groups: [Int]?
  private let classCount: Int
  private let seed: UInt64
  /// The factor of each row, which makes its norm 1.
  private let factors: [Double]

  /// - Parameters:
  ///   - features: the raw features, `[n, dimensions]`.
  ///   - rows: the training rows.
  ///   - labels: the class of each of these rows, in `0..<classCount`.
  ///   - groups: the group of each of these rows; nil if the rows are independent.
  package init(
    _ features: MatrixView, rows: [Int], labels: [Int], groups: [Int]? = nil, classCount: Int, seed: UInt64
  ) {
    precondition(rows.count == labels.count, "\(labels.count) labels for \(rows.count) rows")
    self.features = features
    self.rows = rows
    self.labels = labels
    self.groups = groups
    self.classCount = classCount
    self.seed = seed
    factors = rows.map { features.withRow($0) { RowNormalization.inverseNorm($0) } }
  }

  /// The measure by all rows, with the percentiles of rows that were each measured without a fifth of the rows.
  ///
  /// - Throws: ``SelectionError`` if no folds can be made, for example because a class has one row.
  package func score() throws(SelectionError) -> NoveltyScore {
    let folds = try Splits.stratifiedFolds(
      labels: labels, classCount: classCount, folds: min(Self.folds, rows.count), seed: seed, groups: groups)
    var distances: [Double] = []
    for fold in folds {
      let means = means(of: fold.training)
      for place in fold.validation {
        distances.append(
          features.withRow(rows[place]) { row in
            NoveltyScore.distance(row, factor: factors[place], means: means.span)
          })
      }
    }
    return NoveltyScore(
      dimensions: features.columns, means: means(of: Array(rows.indices)),
      percentiles: Self.percentiles(of: distances))
  }

  /// The means of the classes that occur among some rows.
  private func means(of places: [Int]) -> [Float] {
    let columns = features.columns
    var sums = [Double](repeating: 0, count: classCount * columns)
    var counts = [Int](repeating: 0, count: classCount)
    for place in places {
      let (start, factor) = (labels[place] * columns, factors[place])
      counts[labels[place]] += 1
      features.withRow(rows[place]) { row in
        for j in row.indices { sums[start + j] += factor * Double(row[j]) }
      }
    }
    return counts.indices.filter { counts[$0] > 0 }.flatMap { label in
      sums[label * columns..<(label + 1) * columns].map { Float($0 / Double(counts[label])) }
    }
  }

  /// The percentiles 0 to 100, with linear interpolation between order statistics, as in NumPy.
  static func percentiles(of values: [Double]) -> [Float] {
    let sorted = values.sorted()
    return (0...100).map { percent in
      let place = Double(percent) / 100 * Double(sorted.count - 1)
      let below = min(Int(place), sorted.count - 1)
      let above = min(below + 1, sorted.count - 1)
      return Float(sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below]))
    }
  }
}

extension NoveltyFit {
  /// The fit to the training and validation images of a model, in its chosen column.
  package init(_ trained: TrainedModel, _ data: LabeledFeatures) {
    let labels = trained.labels(in: data)
    let items = (trained.partition.training + trained.partition.validation).map { data.items[$0] }
      .filter { labels[$0.row] != nil }
    let rows = items.map(\.row)
    self.init(
      trained.chosen.candidate.features, rows: rows, labels: labels.classes(of: rows),
      groups: items.images.groupIndices, classCount: trained.classNames.count, seed: trained.settings.seed)
  }
}
