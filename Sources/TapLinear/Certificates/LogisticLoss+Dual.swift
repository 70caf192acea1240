// Dual points of the one-versus-rest logistic loss. The dual variables are α = cost π with 0 ≤ π ≤ 1. A dual row holds
// s π, with the sign s = ±1 of the row for each output.

extension LogisticLoss: CertifiableLoss {
  package var repairTotalCount: Int { 2 * outputs }

  package func addRepairTotals(
    dual: Span<Double>, at offset: Int, label: Int, cost: Double, to totals: inout MutableSpan<Double>
  ) {
    OneVersusRestRepair.addTotals(dual: dual, at: offset, outputs: outputs, cost: cost, to: &totals)
  }

  package func repair(totals: [Double]) -> OneVersusRestRepair? { OneVersusRestRepair(totals: totals) }

  package func apply(_ repair: OneVersusRestRepair, to dual: inout MutableSpan<Double>, at offset: Int, label: Int) {
    repair.apply(to: &dual, at: offset)
  }

  /// Extrapolates p to the end of a step with the curvature at the start of the step. The result is clipped to 0...1.
  package func linearize(
    _ state: inout MutableSpan<Double>, along direction: Span<Double>, at offset: Int
  ) {
    for c in 0..<outputs {
      let old = state[offset + c]
      let new = old - abs(old) * (1 - abs(old)) * direction[offset + c]
      state[offset + c] = old > 0 ? min(1, max(0, new)) : max(-1, min(0, new))
    }
  }

  /// The Kullback-Leibler divergence of (π, 1 - π) from (p, 1 - p). p and 1 - p are each computed from the score.
  package func divergence(
    dual: Span<Double>, state: Span<Double>, scores: Span<Double>, at offset: Int, label: Int
  ) -> Double {
    var total = 0.0
    for c in 0..<outputs {
      let dual = abs(dual[offset + c])
      let margin = classes.sign(of: label, output: c) * scores[offset + c]
      let e = exponential(-abs(margin))
      let (small, large) = (e / (1 + e), 1 / (1 + e))
      let (p, q) = margin >= 0 ? (small, large) : (large, small)
      let rest = logarithmOnePlus(e)
      total += relativeEntropy(dual, p, logQ: -(max(0, margin) + rest))
      total += relativeEntropy(1 - dual, q, logQ: -(max(0, -margin) + rest))
    }
    return max(0, total)
  }
}
