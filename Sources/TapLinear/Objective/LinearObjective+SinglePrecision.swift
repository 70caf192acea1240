// Gradients and lines in single precision, which find the same steps far from the minimum in half the time.

import TapKernels

extension LinearObjective {
  package mutating func roughen() -> Bool {
    isRough = problem.loss.suitsClassBlocks
    return isRough
  }

  package mutating func refine() {
    guard isRough else { return }
    isRough = false
    let weights: FoldedWeights<Double> = folded(parameters)
    forEachShard { $0.forward(weights, into: \.scores) }
    // The dual rows of the last step stay: they certify this point as well as one nearby.
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
