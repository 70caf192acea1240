// What a loss must offer for the objective to certify a point: dual points, and their repair where a free intercept
// puts equality constraints on them.

/// A loss whose Fenchel dual is known row by row.
///
/// With dual rows p and V = Σ costᵢ (e_{yᵢ} - pᵢ) fᵢᵀ the duality gap of a point is
/// ```
/// gap = ½ ‖W - V‖² + Σ costᵢ divergence(pᵢ, zᵢ)
/// ```
/// a sum of terms that are at least 0, so nothing cancels near the optimum. A free intercept demands
/// Σ costᵢ (e_{yᵢ} - pᵢ) = 0, which the derivative of an unfinished point violates: the "gap" would then be no bound.
package protocol CertifiableLoss: PointwiseLoss {
  /// What moves dual rows onto the constraints of a free intercept.
  associatedtype Repair: Sendable

  /// How many sums over rows ``repair(totals:)`` needs.
  var repairTotalCount: Int { get }
  /// Adds a row's part to those sums.
  func addRepairTotals(
    dual: Span<Double>, at offset: Int, label: Int, cost: Double, to totals: inout MutableSpan<Double>)
  /// The repair for these sums; nil if the constraints hold already.
  func repair(totals: [Double]) -> Repair?
  func apply(_ repair: Repair, to dual: inout MutableSpan<Double>, at offset: Int, label: Int)

  /// Moves a dual row so far towards the point where it counts for nothing that its part of V is `factor` times what it was,
  /// 0 ≤ `factor` ≤ 1. The constraints of a free intercept are kept.
  func shrink(_ dual: inout MutableSpan<Double>, by factor: Double, at offset: Int, label: Int)

  /// Replaces the state, the derivative at the old scores, by its linearisation at the new ones, kept feasible.
  func linearize(
    _ state: inout MutableSpan<Double>, along direction: Span<Double>, at offset: Int)
  /// How far a dual row is from the derivative at the scores, at least 0 and 0 only if equal.
  ///
  /// - Parameter scores: the model's own, without offsets.
  func divergence(dual: Span<Double>, state: Span<Double>, scores: Span<Double>, at offset: Int, label: Int)
    -> Double

  /// The loss that the divergence is about, where it is not the loss itself but one that it approaches; else nil.
  ///
  /// - Parameter scores: the model's own, without offsets.
  func certifiedValue(_ scores: Span<Double>, at offset: Int, label: Int) -> Double?
}

extension CertifiableLoss {
  /// For duals that count for nothing at 0.
  package func shrink(_ dual: inout MutableSpan<Double>, by factor: Double, at offset: Int, label: Int) {
    for c in 0..<outputs { dual[offset + c] *= factor }
  }

  package func certifiedValue(_ scores: Span<Double>, at offset: Int, label: Int) -> Double? { nil }
}
