// Dual points of Crammer and Singer's loss. A dual row p lies in the simplex. The dual variables are α = cost (e_y -
// p). The certificate is about the loss itself at the model's own scores, not about the smoothed loss that the solver
// uses.

extension CrammerSingerLoss: CertifiableLoss {
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

  /// Extrapolates p to the end of a step with the curvature at the start of the step. The result is clipped at 0 and
  /// rescaled to sum 1.
  package func linearize(
    _ state: inout MutableSpan<Double>, along direction: Span<Double>, at offset: Int
  ) {
    var (mean, count) = (0.0, 0.0)
    for c in 0..<outputs where state[offset + c] > 0 {
      mean += direction[offset + c]
      count += 1
    }
    mean /= count
    var sum = 0.0
    for c in 0..<outputs where state[offset + c] > 0 {
      let p = max(0, state[offset + c] + (direction[offset + c] - mean) / width)
      state[offset + c] = p
      sum += p
    }
    for c in 0..<outputs { state[offset + c] /= sum }
  }

  /// Σ_c p_c (ℓ + z_y - e_c - z_c). The term in parentheses is the largest value e + z of all classes, minus the value
  /// of class c.
  package func divergence(
    dual: Span<Double>, state: Span<Double>, scores: Span<Double>, at offset: Int, label: Int
  ) -> Double {
    let best = best(scores, at: offset, label: label)
    var total = 0.0
    for c in 0..<outputs {
      total += dual[offset + c] * (best - (scores[offset + c] + (c == label ? 0 : 1)))
    }
    return total
  }

  package func certifiedValue(_ scores: Span<Double>, at offset: Int, label: Int) -> Double? {
    best(scores, at: offset, label: label) - scores[offset + label]
  }

  /// The largest value max_c (e_c + z_c).
  private func best(_ scores: Span<Double>, at offset: Int, label: Int) -> Double {
    var best = scores[offset + label]
    for c in 0..<outputs where c != label && !(scores[offset + c] + 1 <= best) {
      best = scores[offset + c] + 1
    }
    return best
  }
}
