// The stopping rule of a fit that only evaluates a value of C: no further step is likely to change its held-out
// predictions.

import TapTensors

/// Watches how the scores of held-out rows change from one Newton step to the next.
///
/// If a step changed every lead of a row's largest score by far less than that lead, a share of that step can follow
/// without a change of predictions. This type estimates how large that share may be; the solver, which has the gap,
/// estimates the remaining distance. Both are estimates, not bounds. The bound by the gap, W within √(2 gap) of the
/// optimum, would need steps far beyond double precision.
package final class SettledPredictions {
  /// The lead that a row's largest score needs, as a multiple of the last step's change of that lead, and of the
  /// largest change of any lead: see decision 14.
  private static let share = (own: 3.0, largest: 1.0)
  /// The largest relative change of the mean log loss that may remain, estimated from the last step.
  private static let lossChange = 1e-3

  private let features: MatrixView
  private let rows: [Int]
  private let labels: [Int]
  private let threads: Int
  private var last: [Double] = []
  private var lastLoss = Double.infinity

  /// - Parameter labels: one for each of `rows`.
  package init(_ features: MatrixView, rows: [Int], labels: [Int], threads: Int) {
    self.features = features
    self.rows = rows
    self.labels = labels
    self.threads = threads
  }

  /// The remaining distance that changes no predictions, as a multiple of the step from the last call's model to
  /// `model`; 0 at the first call.
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
        // A tie of the largest score stays undecided.
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
