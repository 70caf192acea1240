// A score as a sum over the cells of the tapped layers.

import TapProvenance

/// The part of a score that comes from one tapped layer, divided among the layer's cells.
///
/// A cell is a position of the layer's activation `[channels, height, width]`. Row `y` and column `x` of the cells
/// belong to the part of the network's square input from `y / height` to `(y + 1) / height` and from `x / width` to
/// `(x + 1) / width`.
public struct ScoreMap: Hashable, Sendable {
  /// The layer and its pooling, as in the classifier.
  public let column: Column
  /// The number of rows of cells, at least 1.
  public let height: Int
  /// The number of columns of cells, at least 1.
  public let width: Int
  /// The part of each cell in units of the score: `[height, width]`, row-major. It includes an equal part of the
  /// intercept: `intercept / (layers * height * width)`.
  public let cells: [Double]
  /// The layer's part of the score without the intercept.
  public let contribution: Double
  /// The absolute contribution, divided by the sum of the absolute contributions of all layers: 0 to 1.
  public let share: Double
}

/// A score of a linear classifier as a sum over cells.
///
/// ```
/// score = Σ over layers, cells of cells[layer][cell]
/// ```
/// The sum differs from the score by the rounding of the pooled features to float32: by less than 1e-5, relative to the
/// largest of 1 and the absolute score.
public struct ScoreExplanation: Hashable, Sendable {
  /// The explained class.
  public let className: String
  /// The class whose score is subtracted; nil if the score is that of one class.
  public let against: String?
  /// The explained score: the score of the class, or the difference of the scores of both classes.
  public let score: Double
  /// The part of the score that depends on no feature.
  public let intercept: Double
  /// The map of each layer of the classifier, in order.
  public let maps: [ScoreMap]

  /// The largest absolute part of a cell, relative to an equal division of the score's area: the largest
  /// `|cells[i]| * height * width` of all maps. Colors of all maps have this range, because a layer with more cells has
  /// smaller cells.
  package var largestDensity: Double {
    maps.map { map in map.cells.reduce(0) { max($0, abs($1)) } * Double(map.cells.count) }.max() ?? 0
  }
}

/// The scores of an image, and one of them as a sum.
public struct ImageExplanation: Hashable, Sendable {
  /// The scores of all classes, in the order of the classifier's class names.
  public let scores: [Double]
  /// The explained score.
  public let explanation: ScoreExplanation
}

/// A limit of what a division of a score among cells means.
public enum ExplanationNote: Hashable, Sendable {
  /// A maximum over positions belongs to the cell that has it. Without this cell, another cell would have the maximum.
  case maximum(layer: String)
  /// Each row of features is divided by its Euclidean norm, which depends on all cells.
  case rowNorm

  /// The note as a sentence.
  public var text: String {
    switch self {
    case .maximum(let layer):
      "\(layer) is pooled by its maximum: a feature counts for the cell that has the maximum. The sum is exact, but without "
        + "that cell the next largest value would count"
    case .rowNorm:
      "rows are divided by their norm: the cells sum to the score with the norm of this image, and every cell also changes the "
        + "norm"
    }
  }
}
