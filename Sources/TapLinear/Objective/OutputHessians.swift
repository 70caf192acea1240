// The Hessians of one-versus-rest SVMs with few columns: a small matrix for each output, kept from step to step.

import Synchronization
import TapKernels

/// For each output S = Σ sᵢ gᵢ gᵢᵀ over the rows with curvature, with g the scaled features and the appended one, and s
/// the sample weights: the Hessian is I + h S. Between steps, and between values of C, few rows gain or lose curvature:
/// only these are added and subtracted.
package final class OutputHessians: Sendable {
  /// The largest order: factors of larger matrices cost more than the Hessian products that they save.
  private static let largestOrder = 129
  /// The maximum number of elements of all outputs (16 MB).
  private static let mostElements = 1 << 21

  private let weights: [Double]
  private let outputs: [Output]
  /// The Hessian products of earlier fits, and of the current one.
  private let products = Mutex((earlier: 0, current: 0))

  /// Only one thread at a time uses an output.
  private final class Output: @unchecked Sendable {
    var sum: [Double] = []
    var isCurved: [Bool] = []
    /// The rows added and subtracted since the sum was last recomputed.
    var changes = 0
  }

  init(outputs: Int, weights: [Double]) {
    self.weights = weights
    self.outputs = (0..<outputs).map { _ in Output() }
  }

  /// Whether columns are few enough for cheap matrices, and rows enough to fill them.
  static func fit(rows: Int, columns: Int, outputs: Int) -> Bool {
    columns < largestOrder && outputs * (columns + 1) * (columns + 1) <= mostElements && rows >= 3 * columns
  }

  /// The bytes of all outputs' matrices and of the marks of their rows; 0 if there are none.
  package static func bytes(rows: Int, columns: Int, outputs: Int) -> Double {
    guard fit(rows: rows, columns: columns, outputs: outputs) else { return 0 }
    let order = Double(columns + 1)
    return Double(outputs) * (8 * order * order + Double(rows))
  }

  /// Whether the matrices exist, or the products taken without them have cost as much: a quarter of the columns for
  /// each output and row with curvature.
  ///
  /// - Parameter products: those of the current fit.
  func areWorthwhile(curvatures: [Float], products: Int, columns: Int) -> Bool {
    let spent = self.products.withLock {
      if products < $0.current { $0.earlier += $0.current }
      $0.current = products
      return $0.earlier + products
    }
    return !outputs[0].sum.isEmpty || 4 * spent * curvatures.count >= curvatures.count { $0 > 0 } * columns
  }

  /// The factor of I + `scale` S of an output, with `penalty` in place of 1 for the appended feature; nil if that is
  /// not positive definite in double precision.
  ///
  /// - Parameter curvatures: those of all rows and outputs; 0 for rows without curvature.
  func factor<Loss>(
    _ output: Int, curvatures: [Float], scale: Double, penalty: Double, of problem: LinearProblem<Loss>
  ) -> CholeskyFactor? {
    let (k, order) = (outputs.count, problem.columns + 1)
    let isCurved = weights.indices.map { curvatures[$0 * k + output] > 0 }
    let state = outputs[output]
    if let factor = factor(state, isCurved, scale, penalty, order, problem) { return factor }
    // Additions and subtractions may have left rounding errors.
    state.sum = []
    return factor(state, isCurved, scale, penalty, order, problem)
  }

  private func factor<Loss>(
    _ state: Output, _ isCurved: [Bool], _ scale: Double, _ penalty: Double, _ order: Int,
    _ problem: LinearProblem<Loss>
  ) -> CholeskyFactor? {
    update(state, isCurved, order, problem)
    let sum = state.sum
    // No row has curvature, and a free intercept has no penalty: it does not move.
    let isFlat = scale * sum[order * order - 1] + penalty == 0
    return CholeskyFactor(order: order, product: problem.product) { row, first, width, span, target in
      for j in 0..<width { span[target + j] = scale * sum[row * order + first + j] }
      guard row >= first && row < first + width else { return }
      span[target + row - first] += row < order - 1 || isFlat ? 1 : penalty
    }
  }

  /// Updates the sum to the rows with curvature.
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
    // Recomputes the sum if that takes fewer rows, and at times, because subtractions leave rounding errors.
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

/// The matrices of a problem's rows, kept for every C; one fit at a time uses them.
final class SharedOutputHessians: Sendable {
  private let idle = Mutex<OutputHessians?>(nil)

  /// The matrices of the last fit with as many outputs, or new ones.
  func take(outputs: Int, weights: [Double]) -> OutputHessians {
    idle.withLock { idle in
      let known = idle
      idle = nil
      return known ?? OutputHessians(outputs: outputs, weights: weights)
    }
  }

  func giveBack(_ hessians: OutputHessians) { idle.withLock { $0 = hessians } }
}
