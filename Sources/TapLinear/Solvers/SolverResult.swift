// The state that every iterative solver reports after a step, and the result with which it ends.

/// The objective at one iterate of a solver.
package struct SolverState: Hashable, Sendable {
  /// The objective P.
  package var value: Double
  /// An upper bound of P - min P. It is infinite without a certificate.
  package var gap: Double
  /// The Euclidean norm of the gradient. For an objective with an L1 term, the norm of the shortest subgradient.
  package var gradientNorm: Double
}

/// The parameters that a solver found, with the reason why it stopped.
package struct SolverResult: Sendable {
  /// W and b, in the layout of the objective.
  package var parameters: [Double]
  package var last: SolverState
  package var iterations: Int
  /// The number of products of the Hessian with a direction.
  package var hessianProducts: Int
  package var stopReason: StopReason
}
