// Moves an objective to the result of descent on a dual, so that the objective can certify this result.

import Synchronization

extension LinearObjective {
  /// Moves to W = uᵀF for multipliers u of the rows, `[rows, outputs]`. `appended` gives the weights of the appended
  /// feature.
  mutating func moveToRows(_ multipliers: [Double], appended: [Double]) {
    let k = problem.outputs
    let sums = sumOverRows(width: k) { _, rows, span in
      for i in 0..<(rows.count * k) { span[i] = multipliers[rows.lowerBound * k + i] }
    }
    start(at: Array(sums[..<problem.weightCount]) + appended)
  }

  /// The scores of all rows at the current point, without offsets, `[rows, outputs]`.
  var ownScores: [Double] { shards.flatMap(\.ownScores) }

  /// The iterate at the current point, or at a better point near it. Returns nil if the objective's value overflows.
  ///
  /// - Parameters:
  ///   - dual: the dual rows of the loss that were found for this point.
  ///   - reach: the possible error of margins. If `reach` is above 0, the parameters are multiplied by a factor of
  ///     about 1 + reach, provided that the objective decreases. At large C, rows slightly within the margin cost more
  ///     than the larger penalty of the parameters.
  mutating func certify(dual: [Double], reach: Double) -> SolverState? {
    guard value.isFinite else { return nil }
    if reach > 0 { stretch(reach) }
    takeDual(dual)
    let (gradient, gap) = gradientAndGap()
    return SolverState(value: value, gap: gap, gradientNorm: dot(gradient, gradient).squareRoot())
  }

  /// Multiplies the parameters by a factor that lowers the objective. The difference of this factor from 1 is within a
  /// factor of 2 of the best difference.
  private mutating func stretch(_ reach: Double) {
    let quadratic = penalty(parameters)
    var (best, lowest) = (1.0, value)
    var step = reach / 4
    while step <= 1 {
      let factor = 1 + step
      let found = factor * factor * quadratic + sum { $0.certifiedLoss(scaledBy: factor) }
      guard found < lowest else { break }
      (best, lowest) = (factor, found)
      step *= 2
    }
    if best > 1 { start(at: parameters.map { $0 * best }) }
  }

  /// Moves from the current point to 0 if 0 has a lower objective or the current value is not a number.
  ///
  /// - Parameter dual: the dual rows at 0. If nil, the dual rows of the gradient are taken, which certify 0 if 0 is the
  ///   minimum.
  mutating func leaveBadStart(dual: [Double]?) {
    guard !(value <= problem.valueAtZero) else { return }
    start(at: [Double](repeating: 0, count: parameterCount))
    if let dual { takeDual(dual) }
  }
}

extension RowShard where Loss: CertifiableLoss {
  /// Σ costᵢ ℓ(t zᵢ, yᵢ) of the certified piecewise linear loss. The sum is infinite for other losses.
  fileprivate func certifiedLoss(scaledBy factor: Double) -> Double {
    let k = problem.outputs
    let scaled = ownScores.map { $0 * factor }
    var total = 0.0
    for i in 0..<range.count {
      let cost = problem.costs[range.lowerBound + i]
      guard cost > 0 else { continue }
      let label = problem.labels[range.lowerBound + i]
      total += cost * (problem.loss.certifiedValue(scaled.span, at: i * k, label: label) ?? .infinity)
    }
    return total
  }
}

/// The dual rows of the last fit of a piecewise linear loss to some data, as the start for the next C. If the last C
/// and the next C are both large, the dual rows of their fits nearly agree.
final class LastDual: Sendable {
  private let last = Mutex<(rows: [Double], loss: HingeLoss)?>(nil)

  func keep(_ rows: [Double], of loss: HingeLoss) { last.withLock { $0 = (rows, loss) } }

  /// Sets the kept dual rows in an objective at the parameters of the same fit. Returns whether dual rows were kept for
  /// this loss.
  func give<Loss>(to objective: inout LinearObjective<Loss>, of loss: HingeLoss) -> Bool {
    guard let last = last.withLock({ $0 }), last.loss == loss else { return false }
    objective.takeDual(last.rows)
    return true
  }
}
