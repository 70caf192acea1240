// The solver that finished a fit.

/// The solver that a fit ended with; a fit that began with another solver names the last one.
package enum Solver: String, CaseIterable, Sendable, Hashable {
  /// Truncated Newton; for an SVM with the squared hinge, after coordinate descent on the dual or from a start.
  case truncatedNewton = "truncated-newton"
  /// L-BFGS.
  case lbfgs = "lbfgs"
  /// Proximal Newton, for L1 and elastic net.
  case proximalNewton = "proximal-newton"
  /// Coordinate descent on the dual of an SVM, which certified the tolerance by itself.
  case dualDescent = "dual-descent"
  /// The augmented Lagrangian of the hinge or of Crammer and Singer's loss, after coordinate descent on the dual.
  case augmentedLagrangian = "augmented-lagrangian"
  /// Class means, which are exact.
  case classMeans = "class-means"
}
