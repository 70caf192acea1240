// Dual points of the multinomial logistic loss. A dual row p lies in the simplex. The divergence is KL(p‖q).

extension SoftmaxLoss: CertifiableLoss {
  /// The number of elements of M and m together (``SimplexRepair``).
  package var repairTotalCount: Int { 2 * outputs }

  package func addRepairTotals(
    dual: Span<Double>, at offset: Int, label: Int, cost: Double, to totals: inout MutableSpan<Double>
  ) {
    SimplexRepair.addTotals(dual: dual, at: offset, label: label, outputs: outputs, cost: cost, to: &totals)
  }

  package func repair(totals: [Double]) -> SimplexRepair? { SimplexRepair(totals: totals) }

  package func apply(_ repair: SimplexRepair, to dual: inout MutableSpan<Double>, at offset: Int, label: Int) {
    repair.apply(to: &dual, at: offset)
  }

  /// e_y + factor (p - e_y): moves p toward the label's corner of the simplex.
  package func shrink(_ dual: inout MutableSpan<Double>, by factor: Double, at offset: Int, label: Int) {
    for c in 0..<outputs { dual[offset + c] *= factor }
    dual[offset + label] += 1 - factor
  }

  /// Computes q + (diag q - q qᵀ) v for the state q and the direction v. The result is clipped at 0 and rescaled, so
  /// that its sum is 1. After a Newton step, this dual point makes W - V the residual of the Newton equation. So the
  /// gap shrinks as fast as the distance of the objective from its minimum.
  package func linearize(
    _ state: inout MutableSpan<Double>, along direction: Span<Double>, at offset: Int
  ) {
    var mean = 0.0
    for c in 0..<outputs { mean += state[offset + c] * direction[offset + c] }
    var sum = 0.0
    for c in 0..<outputs {
      let p = max(0, state[offset + c] * (1 + direction[offset + c] - mean))
      state[offset + c] = p
      sum += p
    }
    let factor = 1 / sum
    for c in 0..<outputs { state[offset + c] *= factor }
  }

  /// KL(p‖q), computed as Σ p log(p/q) - p + q.
  package func divergence(
    dual: Span<Double>, state: Span<Double>, scores: Span<Double>, at offset: Int, label: Int
  ) -> Double {
    var total = 0.0
    for c in 0..<outputs {
      total += relativeEntropy(
        dual[offset + c], state[offset + c], logQ: logProbability(scores, at: offset, class: c))
    }
    return max(0, total)
  }

  /// log q_c, computed from the scores. It is finite even if q_c itself is too small for a double.
  private func logProbability(_ scores: Span<Double>, at offset: Int, class label: Int) -> Double {
    let top = scores[offset + largest(scores, at: offset)]
    var sum = 0.0
    for c in 0..<outputs { sum += exponential(scores[offset + c] - top) }
    return scores[offset + label] - top - logarithm(sum)
  }
}
