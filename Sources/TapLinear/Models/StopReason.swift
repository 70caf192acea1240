// The reasons why a solver stops.

/// The reason why a solver stopped. Only ``converged`` certifies the requested tolerance.
package enum StopReason: String, Sendable, Hashable, CaseIterable {
  /// The relative duality gap is at most the tolerance. Without a penalty there is no gap: the tolerance is compared
  /// with the Newton decrement, or for L-BFGS with the gradient as a share of that at 0.
  case converged
  /// The iteration limit was reached; the gap bounds the distance of the objective from the optimum.
  case iterationLimit
  /// No step lowers the objective in double precision any more, yet the gap is above the tolerance.
  case noProgress
  /// No penalty bounds the weights, and all classes, or one class and all others, are separable without error or except
  /// for ties: the loss decreases forever as the weights grow, so there is no minimum.
  case separable
  /// Predictions of the held-out rows no longer change; only for fits that evaluate a value of C.
  case settled
}
