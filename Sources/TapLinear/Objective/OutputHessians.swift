// The Hessians of one-versus-rest SVMs with few columns: a small matrix for each output, kept from step to step.

import Synchronization
import TapKernels

/// One matrix S = Σ sᵢ gᵢ gᵢᵀ for each output, summed over the rows with curvature. gᵢ are the scaled features and the
/// appended feature of row i, and sᵢ is its sample weight. The Hessian is I + h S. From one step or value of C to the
/// next, few rows gain or lose curvature. Only these rows are added or subtracted.
package final class OutputHessians: Sendable {
  /// The largest order of a matrix, the number of columns plus 1. Factors of larger matrices cost more than the Hessian
  /// products that they save.
  private static let largestOrder = 129
  /// The maximum number of elements of the matrices of all outputs (16 MB).
  private static let mostElements = 1 << 21

  private let weights: [Double]
  private let outputs: [Output]
  /// The number of Hessian products in earlier fits, and in the current fit.
  private let products = Mutex((earlier: 0, current: 0))

  /// The matrix of one output. Only one thread at a time uses an output.
  private final class Output: @unchecked Sendable {
    var sum: [Double] = []
    var isCurved: [Bool] = []
    /// The number of rows that were added or subtracted since the sum was last recomputed.
    var changes = 0
  }

  init(outputs: Int, weights: [Double]) {
    self.weights = weights
    self.outputs = (0..<outputs).map { _ in Output() }
  }

  /// Whether there are few enough columns for cheap matrices, and at least three times as many rows as columns.
  static func fit(rows: Int, columns: Int, outputs: Int) -> Bool {
    columns < largestOrder && outputs * (columns + 1) * (columns + 1) <= mostElements && rows >= 3 * columns
  }

  /// The bytes of the matrices of all outputs, and of the marks of rows with curvature; 0 if no matrices are built.
  package static func bytes(rows: Int, columns: Int, outputs: Int) -> Double {
    guard fit(rows: rows, columns: columns, outputs: outputs) else { return 0 }
    let order = Double(columns + 1)
    return Double(outputs) * (8 * order * order + Double(rows))
  }

  /// Whether the matrices exist, or the Hessian products so far have cost as much as new matrices. The matrices cost as
  /// much as `columns` / 4 Hessian products, multiplied by the share of curvatures that are above 0.
  ///
  /// - Parameter products: the number of Hessian products in the current fit.
  func areWorthwhile(curvatures: [Float], products: Int, columns: Int) -> Bool {
    let spent = self.products.withLock {
      if products < $0.current { $0.earlier += $0.current }
      $0.current = products
      return $0.earlier + products
    }
    return !outputs[0].sum.isEmpty || 4 * spent * curvatures.count >= curvatures.count { $0 > 0 } * columns
  }

  /// The Cholesky factor of I + `scale` S of an output. The diagonal element of the appended feature has `penalty` in
  /// place of 1. Returns nil if the matrix is not positive definite in double precision.
  ///
  /// - Parameter curvatures: the curvatures of all rows and outputs; 0 for a row without curvature.
  func factor<Loss>(
    _ output: Int, curvatures: [Float], scale: Double, penalty: Double, of problem: LinearProblem<Loss>
  ) -> CholeskyFactor? {
    let (k, order) = (outputs.count, problem.columns + 1)
    let isCurved = weights.indices.map { curvatures[$0 * k + output] > 0 }
    let state = outputs[output]
    if let factor = factor(state, isCurved, scale, penalty, order, problem) { return factor }
    // Earlier additions and subtractions may have left rounding errors, so the sum is recomputed.
    state.sum = []
    return factor(state, isCurved, scale, penalty, order, problem)
  }

  private func factor<Loss>(
    _ state: Output, _ isCurved: [Bool], _ scale: Double, _ penalty: Double, _ order: Int,
    _ problem: LinearProblem<Loss>
  ) -> CholeskyFactor? {
    update(state, isCurved, order, problem)
    let sum = state.sum
    // If no row has curvature and the intercept has no penalty, the intercept does not move.
    let isFlat = scale * sum[order * order - 1] + penalty == 0
    return CholeskyFactor(order: order, product: problem.product) { row, first, width, span, target in
      for j in 0..<width { span[target + j] = scale * sum[row * order + first + j] }
      guard row >= first && row < first + width else { return }
      span[target + row - first] += row < order - 1 || isFlat ? 1 : penalty
    }
  }

  /// Adds and subtracts rows, so that the sum covers exactly the rows that have curvature now.
  private func update<Loss>(
    _ state: Output, _ isCurved: [Bool], _ order: Int, _ problem: LinearProblem<Loss>
  ) {
    let count = isCurved.count { $0 }
    if state.sum.isEmpty {
      state.sum = [Double](repeating: 0, count: order * order)
      state.isCurved = [Bool](repeating: false, count: isCurved.count)
      state.changes = 0
    }
    var changed = isCurved.indices.filter { isCurved[$0] != state.isCurved[$0] }
    // Recomputes the sum if recomputing takes fewer rows than updating. Also recomputes the sum after many changes,
    // because subtractions leave rounding errors.
    if changed.count > count || state.changes > 50 * isCurved.count {
      state.sum = [Double](repeating: 0, count: order * order)
      state.changes = 0
      changed = isCurved.indices.filter { isCurved[$0] }
    }
    state.changes += changed.count
    state.isCurved = isCurved
    var sum: [Double] = []
    swap(&sum, &state.sum)
    problem.addMoments(changed, factors: changed.map { isCurved[$0] ? weights[$0] : -weights[$0] }, to: &sum)
    swap(&sum, &state.sum)
  }
}

/// The matrices for the rows of a problem, kept for every C. One fit at a time uses these matrices.
final class SharedOutputHessians: Sendable {
  private let idle = Mutex<OutputHessians?>(nil)

  /// The matrices of the last fit, or new matrices for this many outputs.
  func take(outputs: Int, weights: [Double]) -> OutputHessians {
    idle.withLock { idle in
      let known = idle
      idle = nil
      return known ?? OutputHessians(outputs: outputs, weights: weights)
    }
  }

  func giveBack(_ hessians: OutputHessians) { idle.withLock { $0 = hessians } }
}
