// Dual points of the squared hinge loss. The dual variables are α = 2 cost π with π ≥ 0. A dual row holds s π, with the
// sign s = ±1 of the row for each output.

extension SquaredHingeLoss: CertifiableLoss {
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

  /// Extrapolates the shortfalls to the end of a step with the curvature at the start of the step. The result is
  /// clipped at 0.
  package func linearize(
    _ state: inout MutableSpan<Double>, along direction: Span<Double>, at offset: Int
  ) {
    for c in 0..<outputs {
      let old = state[offset + c]
      let new = old - direction[offset + c]
      state[offset + c] = old > 0 ? max(0, new) : old < 0 ? min(0, new) : 0
    }
  }

  /// The divergence (π - ξ)² + 2 π max(0, m - 1), with the shortfall ξ and the margin m = s z.
  package func divergence(
    dual: Span<Double>, state: Span<Double>, scores: Span<Double>, at offset: Int, label: Int
  ) -> Double {
    var total = 0.0
    for c in 0..<outputs {
      let dual = dual[offset + c]
      let difference = dual - state[offset + c]
      let excess = classes.sign(of: label, output: c) * scores[offset + c] - 1
      total += difference * difference + 2 * abs(dual) * max(0, excess)
    }
    return total
  }
}
