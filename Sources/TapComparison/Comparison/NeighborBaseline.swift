// The k nearest neighbors by cosine: a baseline of comparisons that fits nothing. It has no model file, so it is never
// chosen as the best entry.

import TapMetrics
import TapTensors

/// The k nearest neighbors in one column, judged by the same held-out images as the entries.
public struct NeighborBaseline: Sendable {
  /// A number of neighbors and its correct predictions.
  public struct Candidate: Hashable, Sendable {
    /// The number of neighbors.
    public let k: Int
    /// The number of correct predictions on held-out images.
    public let accuracy: Proportion
  }

  /// The column's name for people.
  public let name: String
  /// The number of values of one image.
  public let dimensions: Int
  /// The tried numbers of neighbors, in increasing order.
  public let candidates: [Candidate]
  /// The candidate with the largest accuracy; in a tie, the one with the fewest neighbors.
  public let chosen: Candidate
  /// The time of the forward pass of one image up to the tap, in milliseconds; nil if there is no backbone.
  public let milliseconds: Double?
  /// The held-out images that either only this baseline or only the best entry predicts correctly.
  public let againstBest: PairedComparison
  /// The p-value of ``againstBest``, corrected by Holm for the number of other entries and baselines.
  public let adjustedPValue: Double

  /// The numbers of neighbors to try. Numbers above the number of training images are left out.
  static let tried = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50]

  /// The predictions of rows by the most frequent class of their k nearest training rows, for each k.
  ///
  /// The distance is 1 - cosine, in double precision. A row of zeros has the distance 1 to every row. Rows at equal
  /// distances count in the order of `training`. If several classes are equally frequent, the first one is predicted.
  ///
  /// - Parameters:
  ///   - features: `[n, d]`.
  ///   - training: the rows to compare with, at least as many as the largest k.
  ///   - heldOut: the rows to predict.
  ///   - labels: the class of each row of `features`, in `0..<classCount`; others are not used.
  ///   - ks: the numbers of neighbors, each at least 1.
  /// - Returns: for each k, the predicted class of each held-out row.
  package static func predictions(
    _ features: MatrixView, training: [Int], heldOut: [Int], labels: [Int], classCount: Int, ks: [Int], threads: Int
  ) -> [[Int]] {
    let most = ks.max() ?? 1
    precondition(training.count >= most, "\(most) neighbors among \(training.count) rows")
    let neighbors = NearestRows.nearest(
      to: features.gathered(heldOut), in: features, rows: training, count: most, threads: threads)
    return ks.map { k in
      neighbors.map { neighbors in
        var votes = [Int](repeating: 0, count: classCount)
        for neighbor in neighbors.prefix(k) { votes[labels[neighbor.row]] += 1 }
        let most = votes.max() ?? 0
        return votes.firstIndex(of: most) ?? 0
      }
    }
  }
}
