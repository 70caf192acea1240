// What descent on a dual found, put before the objective for certification.

import Synchronization

extension LinearObjective {
  /// Moves to W = uᵀF for multipliers u of the rows, `[rows, outputs]`, and these weights of the appended feature.
  mutating func moveToRows(_ multipliers: [Double], appended: [Double]) {
    let k = problem.outputs
    let sums = sumOverRows(width: k) { _, rows, span in
      for i in 0..<(rows.count * k) { span[i] = multipliers[rows.lowerBound * k + i] }
    }
    start(at: Array(sums[..<problem.weightCount]) + appended)
  }

  /// The scores of all rows where it stands, without offsets, `[rows, outputs]`.
  var ownScores: [Double] { shards.flatMap(\.ownScores) }

  /// What is known of the point where it stands, or of one near it that is better; nil where it overflows.
  ///
  /// - Parameters:
  ///   - dual: dual rows of the loss that were found for this point.
  ///   - reach: by how much margins may be wrong; above 0 the parameters are stretched by about as much, if that is better:
  ///     rows that are a little within the margin cost more than that where C is large.
  mutating func certify(dual: [Double], reach: Double) -> TruncatedNewton.Iterate? {
    guard value.isFinite else { return nil }
    if reach > 0 { stretch(reach) }
    takeDual(dual)
    let (gradient, gap) = gradientAndGap()
    return TruncatedNewton.Iterate(value: value, gap: gap, gradientNorm: dot(gradient, gradient).squareRoot())
  }

  /// Multiplies the parameters by what lowers the objective, to within a factor of 2 of the best change.
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

  /// Goes to 0 from where it stands, if that is no better: no start is better than a bad one.
  ///
  /// - Parameter dual: the dual rows that give 0; nil leaves them to the gradient, which certifies 0 where that is the minimum.
  mutating func leaveBadStart(dual: [Double]?) {
    guard !(value <= problem.valueAtZero) else { return }
    start(at: [Double](repeating: 0, count: parameterCount))
    if let dual { takeDual(dual) }
  }
}

extension Shard where Loss: CertifiableLoss {
  /// Σ costᵢ ℓ(t zᵢ, yᵢ) of the piecewise linear loss that certificates are about; infinite for other losses.
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

/// The dual rows of the last fit of a piecewise linear loss to some data, for the next C to begin with: where both are large,
/// they all but agree.
final class LastDual: Sendable {
  private let last = Mutex<(rows: [Double], loss: HingeLoss)?>(nil)

  func keep(_ rows: [Double], of loss: HingeLoss) { last.withLock { $0 = (rows, loss) } }

  /// Puts them before an objective at the same fit's parameters; whether there are any.
  func give<Loss>(to objective: inout LinearObjective<Loss>, of loss: HingeLoss) -> Bool {
    guard let last = last.withLock({ $0 }), last.loss == loss else { return false }
    objective.takeDual(last.rows)
    return true
  }
}
