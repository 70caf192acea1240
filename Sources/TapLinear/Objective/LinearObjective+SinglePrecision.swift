// Gradients and line searches in single precision. Far from the minimum, single precision finds the same steps as
// double precision in half the time.

import TapKernels

extension LinearObjective {
  /// The least number of multiplications of a pass for which single precision saves time. The time of single precision
  /// includes the final pass in double precision.
  package static var leastRoughPass: Int { 10_000_000 }

  package mutating func roughen() -> Bool {
    isRough =
      problem.loss.suitsClassBlocks
      && Double(problem.design.count) * Double(problem.weightCount) >= Double(Self.leastRoughPass)
    return isRough
  }

  package mutating func refine() {
    guard isRough else { return }
    isRough = false
    let weights: FoldedWeights<Double> = folded(parameters)
    forEachShard { $0.forward(weights, into: \.scores) }
    // The dual rows of the last step are kept, because these rows also certify a nearby point.
    refreshValue()
  }

  /// The gradient of the loss.
  func roughLossGradient() -> [Double] {
    let (design, k) = (problem.design, problem.outputs)
    var sums = sum(count: parameterCount) { shard in
      shard.backward32(width: k) { shard.gradients($0, into: &$1) }
    }
    design.unfold(
      &sums, width: k, feature: problem.intercept.featureValue, isScaled: design.scaledRows(outputs: k) != nil
    )
    return sums
  }

  func prepareRoughLine(_ direction: [Double]) {
    let (design, k) = (problem.design, problem.outputs)
    let weights: FoldedWeights<Float> = design.folded(
      direction, outputs: k, feature: problem.intercept.featureValue,
      isScaled: design.scaledRows(outputs: k) != nil)
    forEachShard { $0.forward(weights, into: \.lineScores) }
  }
}
