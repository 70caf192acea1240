// Coordinate descent on all outputs of a linear SVM, and what it found put before the objective for certification.

import TapKernels

/// Brings the objective of an SVM near its minimum by ``DualCoordinateDescent``, in rounds of decreasing violation, until
/// the gap is certified, or other methods are better at the rest.
///
/// A free intercept puts Σ αᵢ yᵢ = 0 on the dual, which single coordinates cannot keep. It is approached by proximal steps:
/// the bias moves by B² Σ αᵢ yᵢ after some epochs, B² being the mean of ‖fᵢ‖², so that the appended feature is like the others.
struct DualDescent {
  let isSquared: Bool
  let tolerance: Double
  let threads: Int
  /// Violations aimed at, one a round; margins have the unit 1.
  private static let violations = [0.1, 0.02, 0.004, 8e-4, 1.6e-4, 3e-5]
  /// Epochs of one output in a round, and those between moves of a free bias.
  private static let epochs = (round: 1000, proximal: 8)

  /// Moves the objective; what is known there, and whether the tolerance is certified.
  func minimize<Loss>(
    _ objective: inout LinearObjective<Loss>, rows: DualRows
  ) -> (iterate: TruncatedNewton.Iterate, epochs: Int, isDone: Bool) {
    let problem = objective.problem
    let (k, count, split) = (problem.outputs, problem.design.count, problem.weightCount)
    let isFree = problem.intercept.penalty == 0
    let feature =
      isFree
      ? (rows.squaredNorms.reduce(0, +) / Double(count)).squareRoot() : problem.intercept.featureValue
    let classes = OneVersusRest(classCount: k == 1 ? 2 : k)
    let outputs = (0..<k).map { output in
      Output(
        state: DualCoordinateDescent.State(rows: count, columns: problem.columns),
        signs: problem.labels.map { classes.sign(of: $0, output: output) })
    }
    var best = TruncatedNewton.Iterate(value: .infinity, gap: .infinity, gradientNorm: .infinity)
    var epochs = 0
    for violation in Self.violations {
      Threads.concurrentForEach(count: k, threads: threads) { output in
        outputs[output].work(violation, self, rows, problem.costs, feature, isFree)
      }
      var multipliers = [Double](repeating: 0, count: count * k)
      var dual = multipliers
      var parameters = [Double](repeating: 0, count: problem.parameterCount)
      var areDone = true
      for c in 0..<k {
        let output = outputs[c]
        for i in 0..<count where output.state.alpha[i] > 0 {
          multipliers[i * k + c] = output.state.alpha[i] * output.signs[i]
          dual[i * k + c] = multipliers[i * k + c] / ((isSquared ? 2 : 1) * problem.costs[i])
        }
        parameters[split + c] =
          isFree ? output.bias + feature * feature * output.state.sum : feature * output.state.sum
        epochs = max(epochs, output.state.epochs)
        areDone = areDone && output.isDone
      }
      objective.moveToRows(multipliers, appended: Array(parameters[split...]))
      objective.takeDual(dual)
      let (gradient, gap) = objective.gradientAndGap()
      let previous = best.gap
      best = TruncatedNewton.Iterate(
        value: objective.value, gap: gap, gradientNorm: dot(gradient, gradient).squareRoot())
      if gap <= tolerance * abs(objective.value) { return (best, epochs, true) }
      // A round that ran out of epochs, or that gained little: Newton steps are better at the rest.
      if !areDone || gap > 0.7 * previous { break }
    }
    return (best, epochs, false)
  }

  /// One output's work; only one thread at a time is at it.
  private final class Output: @unchecked Sendable {
    var state: DualCoordinateDescent.State
    let signs: [Double]
    var bias = 0.0
    var isDone = false

    init(state: DualCoordinateDescent.State, signs: [Double]) {
      self.state = state
      self.signs = signs
    }

    func work(
      _ violation: Double, _ settings: DualDescent, _ rows: DualRows, _ costs: [Double], _ feature: Double,
      _ isFree: Bool
    ) {
      var left = DualDescent.epochs.round
      isDone = false
      while left > 0 {
        let epochs = isFree ? min(left, DualDescent.epochs.proximal) : left
        let descent = DualCoordinateDescent(
          isSquared: settings.isSquared, epsilon: violation, maximumEpochs: epochs)
        let before = state.epochs
        let isOptimal = descent.minimize(
          &state, rows: rows, signs: signs, costs: costs, bias: bias, feature: feature)
        left -= state.epochs - before
        let move = feature * feature * state.sum
        if isOptimal, !isFree || abs(move) <= violation {
          isDone = true
          return
        }
        if isFree { bias += move }
      }
    }
  }
}

extension LinearObjective {
  /// Moves to W = uᵀF for multipliers u of the rows, `[rows, outputs]`, and these weights of the appended feature.
  mutating func moveToRows(_ multipliers: [Double], appended: [Double]) {
    let k = problem.outputs
    let sums = sumOverRows(width: k) {
      Array(multipliers[($0.range.lowerBound * k)..<($0.range.upperBound * k)])
    }
    start(at: Array(sums[..<problem.weightCount]) + appended)
  }
}
