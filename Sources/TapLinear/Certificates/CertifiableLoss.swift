// The requirements of a loss whose objective certifies a point: dual points, and their repair for the equality
// constraints of a free intercept.

/// A loss whose Fenchel dual is known row by row.
///
/// With dual rows p and V = Σ costᵢ (e_{yᵢ} - pᵢ) fᵢᵀ the duality gap of a point is
/// ```
/// gap = ½ ‖W - V‖² + Σ costᵢ divergence(pᵢ, zᵢ)
/// ```
/// The gap is a sum of nonnegative terms, so nothing cancels near the optimum. A free intercept requires Σ costᵢ
/// (e_{yᵢ} - pᵢ) = 0. The derivative at a point short of the optimum violates this, and the "gap" would then be no
/// bound.
package protocol CertifiableLoss: PointwiseLoss {
  /// The map of dual rows onto the constraints of a free intercept.
  associatedtype Repair: Sendable

  /// The number of sums over rows that ``repair(totals:)`` needs.
  var repairTotalCount: Int { get }
  /// Adds a row's part to those sums.
  func addRepairTotals(
    dual: Span<Double>, at offset: Int, label: Int, cost: Double, to totals: inout MutableSpan<Double>)
  /// The repair for these sums; nil if the constraints hold already.
  func repair(totals: [Double]) -> Repair?
  func apply(_ repair: Repair, to dual: inout MutableSpan<Double>, at offset: Int, label: Int)

  /// Moves a dual row toward the point with no contribution to V, so that its part of V is multiplied by `factor`, 0 ≤
  /// `factor` ≤ 1. The constraints of a free intercept stay satisfied.
  func shrink(_ dual: inout MutableSpan<Double>, by factor: Double, at offset: Int, label: Int)

  /// Replaces the state, which is the derivative at the old scores, by its linearization at the new scores, kept
  /// feasible.
  func linearize(
    _ state: inout MutableSpan<Double>, along direction: Span<Double>, at offset: Int)
  /// The divergence of a dual row from the derivative at the scores: at least 0, and 0 only if they are equal.
  ///
  /// - Parameter scores: the model's own scores, without offsets.
  func divergence(dual: Span<Double>, state: Span<Double>, scores: Span<Double>, at offset: Int, label: Int)
    -> Double

  /// The value of the certified loss if that is not this loss, but the one that this loss approximates; else nil.
  ///
  /// - Parameter scores: the model's own scores, without offsets.
  func certifiedValue(_ scores: Span<Double>, at offset: Int, label: Int) -> Double?
}

extension CertifiableLoss {
  /// For dual rows that contribute nothing to V at 0.
  package func shrink(_ dual: inout MutableSpan<Double>, by factor: Double, at offset: Int, label: Int) {
    for c in 0..<outputs { dual[offset + c] *= factor }
  }

  package func certifiedValue(_ scores: Span<Double>, at offset: Int, label: Int) -> Double? { nil }
}
