// Which solver fits a logistic regression.

/// The solver of a logistic regression, where there is a choice; all reach the same minimum. L1 and elastic net have one of
/// their own, ``automatic``.
public enum LogisticSolver: String, CaseIterable, Sendable, Hashable {
  /// Newton's: see Documentation/LinearModels.md for what it was measured against.
  case automatic = "auto"
  /// Truncated Newton.
  case newton = "newton"
  /// L-BFGS.
  case lbfgs = "lbfgs"
}
