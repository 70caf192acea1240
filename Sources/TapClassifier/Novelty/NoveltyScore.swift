// How far an image is from the images of the training.

import TapLinear

/// A measure of how unlike the training rows a row of features is.
///
/// ```
/// distance = min over classes c of ‖x / ‖x‖ - m_c‖²
/// ```
/// Here x is a row of raw features, and m_c is the mean of the training rows of class c, each divided by its norm.
///
/// The percentiles are those of training rows, each measured without the rows of its fold. So a new row of the known
/// classes is above the 99th percentile in about one of 100 cases.
public struct NoveltyScore: Hashable, Sendable {
  /// A row is unlike the training rows if its distance is above this percentile.
  public static let unlikePercentile = 99
  static let percentileCount = 101

  /// The length of a row.
  package let dimensions: Int
  /// The means of the classes, `[classes, dimensions]`, at least one.
  package let means: [Float]
  /// The percentiles 0 to 100 of the distances, `[101]`, not decreasing.
  package let percentiles: [Float]

  /// - Precondition: the sizes agree, and there is at least one mean.
  package init(dimensions: Int, means: [Float], percentiles: [Float]) {
    precondition(
      dimensions > 0 && !means.isEmpty && means.count % dimensions == 0,
      "\(means.count) values of means of length \(dimensions)")
    precondition(percentiles.count == Self.percentileCount, "\(percentiles.count) percentiles")
    self.dimensions = dimensions
    self.means = means
    self.percentiles = percentiles
  }

  /// The distance of a row of raw features from the training rows, from 0 to 4. A NaN in the row gives NaN.
  ///
  /// - Precondition: the row has the length of the training rows.
  /// - Complexity: O(classes · dimensions).
  public func distance(_ row: Span<Float>) -> Double {
    precondition(row.count == dimensions, "\(row.count) features, expected \(dimensions)")
    return Self.distance(row, factor: RowNormalization.inverseNorm(row), means: means.span)
  }

  /// The smallest squared distance of a row, multiplied by a factor, from one of the means.
  package static func distance(_ row: Span<Float>, factor: Double, means: Span<Float>) -> Double {
    var nearest = Double.infinity
    for start in stride(from: 0, to: means.count, by: row.count) {
      var sum = 0.0
      for j in row.indices {
        let difference = factor * Double(row[j]) - Double(means[start + j])
        sum += difference * difference
      }
      if !(sum >= nearest) { nearest = sum }
    }
    return nearest
  }

  /// The share of the training rows with a smaller distance, 0 to 1, to a hundredth.
  public func percentile(of distance: Double) -> Double {
    Double(percentiles.dropLast().count { Double($0) < distance }) / 100
  }

  /// Whether a row with this distance is unlike the training rows. NaN is unlike them.
  public func isUnlike(_ distance: Double) -> Bool {
    !(distance <= Double(percentiles[Self.unlikePercentile]))
  }
}
