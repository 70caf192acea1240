// The requirements of a loss whose objective certifies a point: dual points, and a repair of dual points. The repair
// makes them satisfy the equality constraints of a free intercept.

/// A loss whose Fenchel dual is known for each row.
///
/// For dual rows p and V = Σ costᵢ (e_{yᵢ} - pᵢ) fᵢᵀ, the duality gap of a point is
/// ```
/// gap = ½ ‖W - V‖² + Σ costᵢ divergence(pᵢ, zᵢ)
/// ```
/// The gap is a sum of nonnegative terms, so nothing cancels near the optimum. A free intercept requires Σ costᵢ
/// (e_{yᵢ} - pᵢ) = 0. The derivative at a point that is not the optimum violates this constraint. Without a repair, the
/// computed gap would not be a bound.
package protocol CertifiableLoss: PointwiseLoss {
  /// The map of dual rows to rows that satisfy the constraints of a free intercept.
  associatedtype Repair: Sendable

  /// The number of sums over rows that ``repair(totals:)`` needs.
  var repairTotalCount: Int { get }
  /// Adds a row's part to the sums for the repair.
  func addRepairTotals(
    dual: Span<Double>, at offset: Int, label: Int, cost: Double, to totals: inout MutableSpan<Double>)
  /// The repair for these sums. Nil if the constraints hold already.
  func repair(totals: [Double]) -> Repair?
  func apply(_ repair: Repair, to dual: inout MutableSpan<Double>, at offset: Int, label: Int)

  /// Moves a dual row toward the dual row that contributes nothing to V. The row's part of V is multiplied by `factor`,
  /// 0 ≤ `factor` ≤ 1. The constraints of a free intercept stay satisfied.
  func shrink(_ dual: inout MutableSpan<Double>, by factor: Double, at offset: Int, label: Int)

  /// Replaces the state by its linearization at the new scores, kept feasible. The state is the derivative at the old
  /// scores.
  func linearize(
    _ state: inout MutableSpan<Double>, along direction: Span<Double>, at offset: Int)
  /// The divergence of a dual row from the derivative at the scores. It is at least 0, and 0 only if the two are equal.
  ///
  /// - Parameter scores: the model's own scores, without offsets.
  func divergence(dual: Span<Double>, state: Span<Double>, scores: Span<Double>, at offset: Int, label: Int)
    -> Double

  /// The value of the certified loss if this loss only approximates the certified loss. Otherwise nil.
  ///
  /// - Parameter scores: the model's own scores, without offsets.
  func certifiedValue(_ scores: Span<Double>, at offset: Int, label: Int) -> Double?
}

extension CertifiableLoss {
  /// The default for losses whose dual row 0 contributes nothing to V.
  package func shrink(_ dual: inout MutableSpan<Double>, by factor: Double, at offset: Int, label: Int) {
    for c in 0..<outputs { dual[offset + c] *= factor }
  }

  package func certifiedValue(_ scores: Span<Double>, at offset: Int, label: Int) -> Double? { nil }
}
