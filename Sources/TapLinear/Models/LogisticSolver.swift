// The solvers of a logistic regression.

/// The solver of a logistic regression, if there is a choice; all reach the same minimum. L1 and elastic net have their
/// own solver, ``automatic``.
public enum LogisticSolver: String, CaseIterable, Sendable, Hashable {
  /// Newton's method; Documentation/LinearModels.md lists the comparisons.
  case automatic = "auto"
  /// Truncated Newton.
  case newton = "newton"
  /// L-BFGS.
  case lbfgs = "lbfgs"
}
