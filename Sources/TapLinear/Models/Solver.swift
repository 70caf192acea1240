// The solver that finished a fit.

/// The solver that a fit ended with. If a fit used several solvers, this is the last of them.
package enum Solver: String, CaseIterable, Sendable, Hashable {
  /// Truncated Newton. For an SVM with the squared hinge loss, it may follow coordinate descent on the dual.
  case truncatedNewton = "truncated-newton"
  /// L-BFGS.
  case lbfgs = "lbfgs"
  /// Proximal Newton, for L1 and elastic net penalties.
  case proximalNewton = "proximal-newton"
  /// Coordinate descent on the dual of an SVM, if the descent alone reached the certified tolerance.
  case dualDescent = "dual-descent"
  /// The augmented Lagrangian of the hinge loss or of Crammer and Singer's loss. It usually follows coordinate descent
  /// on the dual.
  case augmentedLagrangian = "augmented-lagrangian"
  /// No iterations: the model consists of class means, which are exact.
  case classMeans = "class-means"
}
