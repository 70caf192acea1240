// When a fit that only judges may stop: once no more step is likely to change what it says of the rows held out.

import TapTensors

/// Watches how the scores of rows held out move from one Newton step to the next.
///
/// A step that moved every lead by far less than there is of it may be followed by a share of itself without any class overtaking
/// the largest. How large that share may be is said here; how much is left to go is for the solver to say, which knows the gap.
/// Both are estimates, no bounds. The bound by the gap, W within √(2 gap) of the optimum, would ask for steps far beyond what double precision
/// gives.
package final class SettledPredictions {
  /// How far the largest score of a row must lead, as a multiple of what the last step moved that lead, and the lead of any
  /// row at most: see decision 14.
  private static let share = (own: 3.0, largest: 1.0)
  /// The most that what is left to go may change the mean log loss, relatively, as far as the last step tells.
  private static let lossChange = 1e-3

  private let features: MatrixView
  private let rows: [Int]
  private let labels: [Int]
  private let threads: Int
  private var last: [Double] = []
  private var lastLoss = Double.infinity

  /// - Parameter labels: one a row of `rows`.
  package init(_ features: MatrixView, rows: [Int], labels: [Int], threads: Int) {
    self.features = features
    self.rows = rows
    self.labels = labels
    self.threads = threads
  }

  /// How much may be left to go without a change of predictions, as a multiple of the step that led to `model` from the model of
  /// the last call; 0 at the first call.
  func allowance(at model: FittedLinearModel) -> Double {
    guard let scores = try? model.scores(features, rows: rows, threads: threads) else { return 0 }
    let k = model.classCount
    let probabilities = model.probabilities(scores: scores)
    let loss = labels.enumerated().reduce(0) { $0 - logarithm(probabilities[$1.offset * k + $1.element]) }
    defer { (last, lastLoss) = (scores, loss) }
    guard last.count == scores.count else { return 0 }
    var largest = 0.0
    var (share, smallestLead) = (Double.infinity, Double.infinity)
    for start in stride(from: 0, to: scores.count, by: k) {
      var best = 0
      for c in 1..<k where scores[start + c] > scores[start + best] { best = c }
      let shift = scores[start + best] - last[start + best]
      for c in 0..<k where c != best {
        let lead = scores[start + best] - scores[start + c]
        let change = abs(shift - (scores[start + c] - last[start + c]))
        // A row that leads by far less than this one may change stays open.
        share = min(share, lead > 0 ? lead / (Self.share.own * change) : 0)
        largest = max(largest, change)
        smallestLead = min(smallestLead, lead)
      }
    }
    guard share > 0 else { return 0 }
    let lossShare = loss == lastLoss ? .infinity : Self.lossChange * loss / abs(loss - lastLoss)
    return min(share, smallestLead / (Self.share.largest * largest), lossShare)
  }
}
