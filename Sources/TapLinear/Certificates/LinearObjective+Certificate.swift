// The dual point at the current point of an objective, and the contribution of the dual point to the duality gap.

extension LinearObjective {
  /// Forms the dual rows. A block is one output of a separable loss, or all outputs of another loss. A block whose last
  /// step left linearized dual rows keeps these rows. Every other block takes the derivative of the loss. If the
  /// intercept has no penalty, the dual rows are then changed so that they satisfy the constraints of the intercept
  /// (``CertifiableLoss``). Returns Σ costᵢ divergence(pᵢ, zᵢ).
  func formDualPoint(_ isLinearized: [Bool]) -> Double {
    forEachShard { $0.keepDual(isLinearized) }
    if problem.intercept.penalty == 0 {
      let totals = reduce(count: problem.loss.repairTotalCount) { $0.repairTotals() }
      if let repair = problem.loss.repair(totals: totals) {
        forEachShard { $0.apply(repair) }
      }
    }
    return sum { $0.divergence() }
  }
}

extension RowShard where Loss: CertifiableLoss {
  /// Moves the scores along the prepared line. The dual rows become the linear approximation of the derivative. If the
  /// line search ended at these steps, the shard takes over the state that the line search computed, and returns the
  /// value that the line search found. Otherwise the result is nil.
  func advance(steps: [Double]) -> Double? {
    defer { lineEnd = nil }
    let k = problem.outputs
    var line = lineScores.mutableSpan
    if steps.contains(where: { $0 != 1 }) {
      for first in stride(from: 0, to: line.count, by: k) {
        for c in 0..<k { line[first + c] *= steps[steps.count == 1 ? 0 : c] }
      }
    }
    var moved = scores.mutableSpan
    for i in moved.indices { moved[i] += line[i] }
    let end = lineEnd?.steps == steps ? lineEnd?.value : nil
    // If the line search left the new state in `dual`, the two arrays are swapped, and the old state becomes the dual
    // rows. Otherwise a copy of the state becomes the dual rows.
    if end == nil { dual = state } else { swap(&dual, &state) }
    var rows = dual.mutableSpan
    for i in 0..<range.count { problem.loss.linearize(&rows, along: lineScores.span, at: i * k) }
    return end
  }

  /// Replaces the dual variables of blocks without linearized rows by the derivative.
  func keepDual(_ isLinearized: [Bool]) {
    if !isLinearized.contains(true) {
      dual = state
    } else if isLinearized.contains(false) {
      let k = problem.outputs
      for c in isLinearized.indices where !isLinearized[c] {
        for i in stride(from: c, to: dual.count, by: k) { dual[i] = state[i] }
      }
    }
  }

  func repairTotals() -> [Double] {
    var totals = [Double](repeating: 0, count: problem.loss.repairTotalCount)
    var span = totals.mutableSpan
    for i in 0..<range.count {
      problem.loss.addRepairTotals(
        dual: dual.span, at: i * problem.outputs, label: problem.labels[range.lowerBound + i],
        cost: problem.costs[range.lowerBound + i], to: &span)
    }
    return totals
  }

  func apply(_ repair: Loss.Repair) {
    var rows = dual.mutableSpan
    for i in 0..<range.count {
      problem.loss.apply(
        repair, to: &rows, at: i * problem.outputs, label: problem.labels[range.lowerBound + i])
    }
  }

  /// Σ costᵢ ℓ(zᵢ, yᵢ) of the certified loss. Updates the state.
  func value() -> Double {
    let k = problem.outputs
    var total = 0.0
    let own = ownScores
    var span = state.mutableSpan
    for i in 0..<range.count {
      let cost = problem.costs[range.lowerBound + i]
      let label = problem.labels[range.lowerBound + i]
      let steering = problem.loss.value(scores.span, at: i * k, label: label, state: &span)
      let value = problem.loss.certifiedValue(own.span, at: i * k, label: label) ?? steering
      if cost > 0 { total += cost * value }
    }
    return total
  }

  func divergence() -> Double {
    let own = ownScores
    var total = 0.0
    for i in 0..<range.count {
      let cost = problem.costs[range.lowerBound + i]
      guard cost > 0 else { continue }
      total +=
        cost
        * problem.loss.divergence(
          dual: dual.span, state: state.span, scores: own.span, at: i * problem.outputs,
          label: problem.labels[range.lowerBound + i])
    }
    return total
  }

  /// Residuals for some rows of the shard: costᵢ (q - e_y) for the gradient.
  func gradients(_ rows: Range<Int>, into span: inout MutableSpan<Double>) {
    let k = problem.outputs
    for (place, row) in rows.enumerated() {
      problem.loss.gradient(
        state: state.span, at: (row - range.lowerBound) * k, label: problem.labels[row],
        scale: problem.costs[row], into: &span, at: k * place)
    }
  }

  /// Residuals for some rows of the shard, in rows of width 2 · outputs. Each row holds costᵢ (q - e_y) for the
  /// gradient, followed by costᵢ (p - e_y) for the dual point.
  func residuals(_ rows: Range<Int>, into span: inout MutableSpan<Double>) {
    let k = problem.outputs
    for (place, row) in rows.enumerated() {
      let source = (row - range.lowerBound) * k
      let cost = problem.costs[row]
      let label = problem.labels[row]
      problem.loss.gradient(
        state: state.span, at: source, label: label, scale: cost, into: &span, at: 2 * k * place)
      problem.loss.gradient(
        state: dual.span, at: source, label: label, scale: cost, into: &span, at: 2 * k * place + k)
    }
  }
}
