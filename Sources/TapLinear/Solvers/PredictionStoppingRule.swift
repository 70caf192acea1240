// The stopping rule of a fit that only evaluates a value of C: the fit stops when no further step is likely to change
// the predictions on held-out rows.

import TapTensors

/// Watches how the scores of held-out rows change from one Newton step to the next.
///
/// The margin of a class in a row is the row's largest score minus the score of this class. If a step changed every
/// margin by much less than the margin itself, further steps change no prediction, as long as together they are shorter
/// than some multiple of that step. This type estimates the largest such multiple. The solver, which knows the gap,
/// estimates the remaining distance to the optimum. The multiple and the distance are estimates, not bounds. The gap
/// bounds the distance of W from the optimum by √(2 gap), but this bound would need a gap far too small for double
/// precision.
package final class PredictionStoppingRule {
  /// A settled prediction has margins of at least `own` times the last step's change of the margin itself, and at least
  /// `largest` times the largest change of any margin. See decision 14.
  private static let share = (own: 3.0, largest: 1.0)
  /// The largest allowed relative change of the mean log loss in the remaining steps, estimated from the last step.
  private static let lossChange = 1e-3

  private let features: MatrixView
  private let rows: [Int]
  private let labels: [Int]
  private let threads: Int
  private var last: [Double] = []
  private var lastLoss = Double.infinity

  /// - Parameter labels: one label for each element of `rows`.
  package init(_ features: MatrixView, rows: [Int], labels: [Int], threads: Int) {
    self.features = features
    self.rows = rows
    self.labels = labels
    self.threads = threads
  }

  /// The largest remaining distance that changes no prediction, as a multiple of the last step. The last step leads
  /// from the model of the last call to `model`. The result of the first call is 0.
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
        // A row with two equal largest scores is never settled.
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
