// Gradients and lines in single precision, which find the same steps far from the minimum in half the time.

import TapKernels

extension LinearObjective {
  /// The multiplications of a pass from which single precision is faster, with the pass in double precision at its end.
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
