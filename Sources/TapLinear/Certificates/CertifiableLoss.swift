// The requirements of a loss whose objective has a certificate. A certificate is a dual point, which bounds the
// distance of the objective from its minimum. If the intercept is free, a repair makes the dual point satisfy the
// equality constraints of the intercept.

/// A loss whose Fenchel dual is known for each row.
///
/// Let fᵢ be the features of row i, pᵢ its dual row, and V = Σ costᵢ (e_{yᵢ} - pᵢ) fᵢᵀ. The duality gap of weights W
/// with scores zᵢ is
/// ```
/// gap = ½ ‖W - V‖² + Σ costᵢ divergence(pᵢ, zᵢ)
/// ```
/// The gap is a sum of nonnegative terms, so nothing cancels near the optimum. A free intercept requires Σ costᵢ
/// (e_{yᵢ} - pᵢ) = 0. Dual rows that equal the derivative of the loss satisfy this constraint only at the optimum. If
/// the dual rows violate the constraint, the computed gap is not a bound.
package protocol CertifiableLoss: PointwiseLoss {
  /// The map from dual rows to dual rows that satisfy the constraints of a free intercept.
  associatedtype Repair: Sendable

  /// The number of sums over rows that ``repair(totals:)`` needs.
  var repairTotalCount: Int { get }
  /// Adds a row's part to the sums for the repair.
  func addRepairTotals(
    dual: Span<Double>, at offset: Int, label: Int, cost: Double, to totals: inout MutableSpan<Double>)
  /// The repair for these sums; nil if the dual rows already satisfy the constraints.
  func repair(totals: [Double]) -> Repair?
  func apply(_ repair: Repair, to dual: inout MutableSpan<Double>, at offset: Int, label: Int)

  /// Moves a dual row toward the dual row that contributes nothing to V. The row's part of V is multiplied by `factor`,
  /// 0 ≤ `factor` ≤ 1. The constraints of a free intercept stay satisfied.
  func shrink(_ dual: inout MutableSpan<Double>, by factor: Double, at offset: Int, label: Int)

  /// The state is the derivative at the old scores. This method replaces the state by the linear approximation of the
  /// derivative at the new scores. The result is a feasible dual row.
  func linearize(
    _ state: inout MutableSpan<Double>, along direction: Span<Double>, at offset: Int)
  /// The divergence of a dual row from the derivative at the scores. It is at least 0, and 0 only if the dual row
  /// equals the derivative.
  ///
  /// - Parameter scores: the model's own scores, without the offsets of the augmented Lagrangian.
  func divergence(dual: Span<Double>, state: Span<Double>, scores: Span<Double>, at offset: Int, label: Int)
    -> Double

  /// The value of the exact loss if this loss is its smoothed form; otherwise nil. The certificate is about the exact
  /// loss.
  ///
  /// - Parameter scores: the model's own scores, without the offsets of the augmented Lagrangian.
  func certifiedValue(_ scores: Span<Double>, at offset: Int, label: Int) -> Double?
}

extension CertifiableLoss {
  /// The default is for losses in which a dual row of zeros contributes nothing to V.
  package func shrink(_ dual: inout MutableSpan<Double>, by factor: Double, at offset: Int, label: Int) {
    for c in 0..<outputs { dual[offset + c] *= factor }
  }

  package func certifiedValue(_ scores: Span<Double>, at offset: Int, label: Int) -> Double? { nil }
}
