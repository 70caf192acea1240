// The solvers of a logistic regression.

/// The solver of a logistic regression with an L2 penalty or none. All solvers reach the same minimum. L1 and elastic
/// net have their own solver, so they need ``automatic``.
public enum LogisticSolver: String, CaseIterable, Sendable, Hashable {
  /// Newton's method. Documentation/LinearModels.md lists the comparisons of the solvers.
  case automatic = "auto"
  /// Truncated Newton.
  case newton = "newton"
  /// L-BFGS.
  case lbfgs = "lbfgs"
}
