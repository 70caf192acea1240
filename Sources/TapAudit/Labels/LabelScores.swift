// The scores by which labels are judged, from two rounds of leave-one-out fits.

import TapTensors

/// The scores of all classes for each item, from classifiers that were not fitted to the item.
///
/// In the first round, the classifier of an item is fitted to all other items. In the second round, items whose labels
/// are probably wrong by the first round are left out of every fit. The scores are the means of both rounds. The second
/// round alone finds more wrong labels if classes are large, and fewer if they are small.
struct LabelScores: Sendable {
  /// The scores, `[n, classCount]`.
  let scores: [Float]
  /// The strength of the penalty: see ``RidgeClassifier/penalty``.
  let penalty: Double

  /// The probability of a wrong label above which an item is left out of the second round.
  private static let trust = 0.5

  /// - Parameters:
  ///   - rows: the row of each item.
  ///   - labels: the given label of each item, in `0..<classCount`.
  init(_ features: MatrixView, rows: [Int], labels: [Int], classCount: Int, threads: Int) throws(AuditError) {
    let first = try RidgeClassifier(
      features, rows: rows, labels: labels, classCount: classCount, threads: threads)
    penalty = first.penalty
    let noise = LabelNoise(
      scores: first.leaveOneOutScores, labels: labels, classCount: classCount, threads: threads)
    let kept = rows.indices.filter { noise.wrong[$0] <= Self.trust }
    guard kept.count > 1, kept.count < rows.count else {
      scores = first.leaveOneOutScores
      return
    }
    let second = try RidgeClassifier(
      features, rows: kept.map { rows[$0] }, labels: kept.map { labels[$0] }, classCount: classCount,
      penalties: [penalty], threads: threads)
    let others = rows.indices.filter { noise.wrong[$0] > Self.trust }
    var mean = first.leaveOneOutScores
    for (items, scores) in [
      (kept, second.leaveOneOutScores), (others, second.scores(features, rows: others.map { rows[$0] })),
    ] {
      for (place, item) in items.enumerated() {
        for c in 0..<classCount {
          let index = item * classCount + c
          mean[index] = (mean[index] + scores[place * classCount + c]) / 2
        }
      }
    }
    scores = mean
  }
}
