// The repair of dual points in the simplex. A free intercept requires that the dual rows give each class a total weight
// equal to the costs of its rows.

/// The repair of dual rows q. Their class totals M = Σ costᵢ qᵢ differ from the labels' totals m = Σ costᵢ e_{yᵢ}:
/// ```
/// keep = min(1, m / M),   d = max(m - M, 0)
/// pᵢ = keep ⊙ qᵢ + (d / Σd) Σ_c (1 - keep_c) q_ic
/// ```
/// Every pᵢ stays in the simplex, and Σ costᵢ pᵢ = m. Classes with too much weight give the excess to classes with too
/// little weight, in proportion to the missing weights of these classes.
package struct SimplexRepair: Sendable {
  let keep: [Double]
  let share: [Double]

  /// - Parameter totals: M, then m. The initializer returns nil if M and m are equal.
  init?(totals: [Double]) {
    let outputs = totals.count / 2
    var keep = [Double](repeating: 1, count: outputs)
    var share = [Double](repeating: 0, count: outputs)
    var lack = 0.0
    for c in 0..<outputs {
      let (found, wanted) = (totals[c], totals[outputs + c])
      if found > wanted { keep[c] = wanted / found } else { share[c] = wanted - found }
      lack += share[c]
    }
    guard lack > 0 else { return nil }
    for c in 0..<outputs { share[c] /= lack }
    self.keep = keep
    self.share = share
  }

  /// Adds a row's part to the totals M and m.
  static func addTotals(
    dual: Span<Double>, at offset: Int, label: Int, outputs: Int, cost: Double,
    to totals: inout MutableSpan<Double>
  ) {
    for c in 0..<outputs { totals[c] += cost * dual[offset + c] }
    totals[outputs + label] += cost
  }

  func apply(to dual: inout MutableSpan<Double>, at offset: Int) {
    var freed = 0.0
    for c in keep.indices {
      let q = dual[offset + c]
      freed += (1 - keep[c]) * q
      dual[offset + c] = keep[c] * q
    }
    for c in keep.indices { dual[offset + c] += share[c] * freed }
  }
}
