// The reasons why a solver stops.

/// The reason why a solver stopped. Only ``converged`` certifies the requested tolerance.
package enum StopReason: String, Sendable, Hashable, CaseIterable {
  /// The relative duality gap is at most the tolerance. Without a penalty there is no gap. The tolerance is then
  /// compared with the relative Newton decrement. For L-BFGS, the tolerance is compared with the gradient's norm
  /// divided by the gradient's norm at 0.
  case converged
  /// The iteration limit was reached. The gap bounds the distance of the objective from its optimum.
  case iterationLimit
  /// No step lowers the objective in double precision any more, but the gap is above the tolerance.
  case noProgress
  /// The loss decreases forever as the weights grow, so there is no minimum. No penalty bounds the weights. All
  /// classes, or one class and the rest, are separable. Ties between classes are the only possible errors.
  case separable
  /// Predictions of the held-out rows no longer change. This reason occurs only in fits that evaluate one value of C.
  case settled
}
