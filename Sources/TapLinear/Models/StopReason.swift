// Why a solver stopped.

/// Why a solver stopped. Only ``converged`` certifies the tolerance that was asked for.
public enum StopReason: String, Sendable, Hashable, CaseIterable {
  /// The relative duality gap is at most the tolerance; without a penalty, where there is none, the Newton decrement, or of
  /// L-BFGS the gradient as a share of that at 0.
  case converged
  /// The iteration limit came first; the gap says how far the result may be from the optimum.
  case iterationLimit
  /// No step lowers the objective in double precision any more, yet the gap is above the tolerance.
  case noProgress
  /// Nothing penalises large weights, and all classes, or some class from all others, can be told apart without a mistake or
  /// but for ties: the loss falls for ever as those weights grow, so there is no minimum.
  case separable
  /// Predictions for the rows that judge a value of C no longer change; of fits on the way to a choice only.
  case settled
}
