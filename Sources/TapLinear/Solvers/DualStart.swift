// What descent on a dual found, put before the objective for certification.

extension LinearObjective {
  /// Moves to W = uᵀF for multipliers u of the rows, `[rows, outputs]`, and these weights of the appended feature.
  mutating func moveToRows(_ multipliers: [Double], appended: [Double]) {
    let k = problem.outputs
    let sums = sumOverRows(width: k) {
      Array(multipliers[($0.range.lowerBound * k)..<($0.range.upperBound * k)])
    }
    start(at: Array(sums[..<problem.weightCount]) + appended)
  }

  /// Moves to what dual variables give; what is known there, or nil where it overflows.
  ///
  /// - Parameters:
  ///   - multipliers: the dual variables as multipliers of the rows, `[rows, outputs]`.
  ///   - dual: the same as dual rows of the loss.
  mutating func moveToDual(_ multipliers: [Double], dual: [Double], appended: [Double])
    -> TruncatedNewton.Iterate?
  {
    moveToRows(multipliers, appended: appended)
    takeDual(dual)
    guard value.isFinite else { return nil }
    let (gradient, gap) = gradientAndGap()
    return TruncatedNewton.Iterate(value: value, gap: gap, gradientNorm: dot(gradient, gradient).squareRoot())
  }

  /// Goes to 0 from where it stands, if that is no better: no start is better than a bad one.
  ///
  /// - Parameter dual: the dual rows that give 0.
  mutating func leaveBadStart(dual: [Double]) {
    guard !(value <= problem.costs.reduce(0, +) * problem.loss.valueAtZero) else { return }
    start(at: [Double](repeating: 0, count: parameterCount))
    takeDual(dual)
  }
}
