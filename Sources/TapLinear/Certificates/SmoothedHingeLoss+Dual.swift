// Dual points of the hinge loss. The dual variables are α = cost π with 0 ≤ π ≤ 1. A dual row holds s π, with the sign
// s = ±1 of the row for each output. The certificate is about the hinge loss itself at the model's own scores, not
// about the smoothed loss that the solver uses.

extension SmoothedHingeLoss: CertifiableLoss {
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
      guard old != 0, abs(old) != 1 else { continue }
      let new = old - direction[offset + c] / width
      state[offset + c] = old > 0 ? min(1, max(0, new)) : max(-1, min(0, new))
    }
  }

  /// The divergence (1 - π) max(0, 1 - m) + π max(0, m - 1), with the margin m = s z.
  package func divergence(
    dual: Span<Double>, state: Span<Double>, scores: Span<Double>, at offset: Int, label: Int
  ) -> Double {
    var total = 0.0
    for c in 0..<outputs {
      let dual = abs(dual[offset + c])
      let excess = classes.sign(of: label, output: c) * scores[offset + c] - 1
      total += excess < 0 ? (1 - dual) * -excess : dual * excess
    }
    return total
  }

  package func certifiedValue(_ scores: Span<Double>, at offset: Int, label: Int) -> Double? {
    var total = 0.0
    for c in 0..<outputs {
      let shortfall = 1 - classes.sign(of: label, output: c) * scores[offset + c]
      total += shortfall <= 0 ? 0 : shortfall
    }
    return total
  }
}
