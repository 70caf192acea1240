// A method for problems with fewer rows than columns. The optimum lies in the span of the rows, so each class has only
// as many unknowns as there are rows.

import Synchronization
import TapKernels

/// The rows of a design in coordinates of the space that they span: F = L Qᵀ with Q orthonormal. A model W = A Qᵀ has
/// the scores A Lᵀ, the norm of A, and the same objective value. So A, `[outputs, count]`, replaces W,
/// `[outputs, columns]`, as the unknown.
///
/// L is the Cholesky factor of F Fᵀ + ε I. ε is 10⁻¹² times the largest diagonal element of F Fᵀ. The term ε I is
/// needed because rows may be linearly dependent, as centered rows are. This term adds ½ ε ‖u‖² to the objective, where
/// u are the weights of the rows in W = uᵀF. Q is never formed, because u = L⁻ᵀA gives W. The result is certified on
/// the design itself, and improved if necessary.
package final class RowSpace: Sendable {
  /// The factor L, and the rows of L as a design.
  struct Coordinates: Sendable {
    let factor: CholeskyFactor
    let design: DesignMatrix
  }

  private let gram: GramMatrix
  private let coordinates = Mutex<Coordinates??>(nil)

  /// Returns nil if rows > columns / 2, or if there are too many rows for a ``GramMatrix``.
  package init?(_ design: DesignMatrix, _ gram: GramMatrix?) {
    guard let gram, 2 * design.count <= design.columns else { return nil }
    self.gram = gram
  }

  /// The coordinates, which are computed on first use and kept for every C; nil if the factor does not exist in double
  /// precision.
  func coordinates(product: MatrixProduct, threads: Int) -> Coordinates? {
    coordinates.withLock { coordinates in
      if let known = coordinates { return known }
      let elements = gram.elements(product: product, threads: threads)
      let count = gram.count
      let ridge = 1e-12 * (0..<count).reduce(0) { max($0, elements[$1 * count + $1]) }
      let factor = CholeskyFactor(order: count, product: product) { row, first, width, span, target in
        for j in 0..<width { span[target + j] = elements[row * count + first + j] }
        if row >= first && row < first + width { span[target + row - first] += ridge }
      }
      let found = factor.map {
        Coordinates(factor: $0, design: DesignMatrix(values: $0.lower, count: count, columns: count))
      }
      coordinates = .some(found)
      return found
    }
  }
}

extension LinearObjective {
  /// Moves to the minimum that a solver finds in the coordinates of the rows' span. The solver starts at the current
  /// point of the objective. The dual rows at that minimum are taken over. Returns the solver's result; nil if there
  /// are no coordinates.
  package mutating func minimizeInSpan(
    _ rowSpace: RowSpace, _ minimize: (inout LinearObjective) -> SolverResult
  ) -> SolverResult? {
    guard let coordinates = rowSpace.coordinates(product: problem.product, threads: threads) else { return nil }
    let (k, count, split) = (problem.outputs, problem.design.count, problem.weightCount)
    var small = LinearObjective(
      LinearProblem(
        design: coordinates.design, labels: problem.labels, costs: problem.costs, loss: problem.loss,
        intercept: problem.intercept, product: problem.product), threads: threads)
    var weights = parameters
    for c in split..<weights.count { weights[c] = 0 }
    small.start(
      at: columns(of: scores(at: weights)).flatMap(coordinates.factor.solveLower) + parameters[split...])

    let solution = minimize(&small)
    var u = [Double](repeating: 0, count: count * k)
    for c in 0..<k {
      let solved = coordinates.factor.solveTransposed(
        Array(small.parameters[(c * count)..<((c + 1) * count)]))
      for row in 0..<count { u[row * k + c] = solved[row] }
    }
    moveToRows(u, appended: Array(small.parameters[(k * count)...]))
    takeDual(small.shards.flatMap(\.dual))
    return solution
  }

  /// The columns of a matrix `[rows, outputs]`.
  private func columns(of values: [Double]) -> [[Double]] {
    let k = problem.outputs
    return (0..<k).map { c in (0..<(values.count / k)).map { values[$0 * k + c] } }
  }
}
