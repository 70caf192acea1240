// The second derivatives of one-versus-rest SVMs of few columns: a small matrix for each output, kept from step to step.

import Synchronization
import TapKernels

/// For each output S = Σ sᵢ gᵢ gᵢᵀ over the rows that curve, g being the scaled features and the appended one, and s the sample
/// weights: the Hessian is I + h S. Between steps, and between values of C, few rows begin or cease to curve: only these are
/// added and subtracted.
package final class OutputHessians: Sendable {
  /// The widest matrix: factors of wider ones cost more than the Hessian products that they save.
  private static let largestOrder = 129
  /// The most elements of all outputs (16 MB).
  private static let mostElements = 1 << 21

  private let weights: [Double]
  private let outputs: [Output]
  /// Hessian products of earlier fits, and of the one in hand.
  private let products = Mutex((earlier: 0, current: 0))

  /// Only one thread at a time works on an output.
  private final class Output: @unchecked Sendable {
    var sum: [Double] = []
    var isCurved: [Bool] = []
    /// Rows added and subtracted since the sum was last made anew.
    var changes = 0
  }

  init(outputs: Int, weights: [Double]) {
    self.weights = weights
    self.outputs = (0..<outputs).map { _ in Output() }
  }

  /// Whether there are so few columns that matrices are cheap, and rows enough to fill them.
  static func fit(rows: Int, columns: Int, outputs: Int) -> Bool {
    columns < largestOrder && outputs * (columns + 1) * (columns + 1) <= mostElements && rows >= 3 * columns
  }

  /// The bytes of all outputs' matrices, and of which rows they hold; 0 where there are none.
  package static func bytes(rows: Int, columns: Int, outputs: Int) -> Double {
    guard fit(rows: rows, columns: columns, outputs: outputs) else { return 0 }
    let order = Double(columns + 1)
    return Double(outputs) * (8 * order * order + Double(rows))
  }

  /// Whether they exist, or so many products were taken without them as they cost: of each row that curves and output a quarter of
  /// the columns.
  ///
  /// - Parameter products: of the fit in hand.
  func areWorthwhile(curvatures: [Float], products: Int, columns: Int) -> Bool {
    let spent = self.products.withLock {
      if products < $0.current { $0.earlier += $0.current }
      $0.current = products
      return $0.earlier + products
    }
    return !outputs[0].sum.isEmpty || 4 * spent * curvatures.count >= curvatures.count { $0 > 0 } * columns
  }

  /// The factor of I + `scale` S of an output, with `penalty` in place of 1 for the appended feature; nil where that is not
  /// positive definite in double precision.
  ///
  /// - Parameter curvatures: of all rows and outputs, 0 for rows that do not curve.
  func factor<Loss>(
    _ output: Int, curvatures: [Float], scale: Double, penalty: Double, of problem: LinearProblem<Loss>
  ) -> CholeskyFactor? {
    let (k, order) = (outputs.count, problem.columns + 1)
    let isCurved = weights.indices.map { curvatures[$0 * k + output] > 0 }
    let state = outputs[output]
    if let factor = factor(state, isCurved, scale, penalty, order, problem) { return factor }
    // What was added and subtracted may have left rounding.
    state.sum = []
    return factor(state, isCurved, scale, penalty, order, problem)
  }

  private func factor<Loss>(
    _ state: Output, _ isCurved: [Bool], _ scale: Double, _ penalty: Double, _ order: Int,
    _ problem: LinearProblem<Loss>
  ) -> CholeskyFactor? {
    update(state, isCurved, order, problem)
    let sum = state.sum
    // No row curves, and nothing penalises a free intercept: it stays.
    let isFlat = scale * sum[order * order - 1] + penalty == 0
    return CholeskyFactor(order: order, product: problem.product) { row, first, width, span, target in
      for j in 0..<width { span[target + j] = scale * sum[row * order + first + j] }
      guard row >= first && row < first + width else { return }
      span[target + row - first] += row < order - 1 || isFlat ? 1 : penalty
    }
  }

  /// Has the sum be that of the rows that curve.
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
    // Anew where that takes fewer rows, and at times, for what was subtracted leaves its rounding.
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

/// The matrices of a problem's rows, kept for every C; one fit at a time has them.
final class SharedOutputHessians: Sendable {
  private let idle = Mutex<OutputHessians?>(nil)

  /// Those of the last fit of as many outputs, or new ones.
  func take(outputs: Int, weights: [Double]) -> OutputHessians {
    idle.withLock { idle in
      let known = idle
      idle = nil
      return known ?? OutputHessians(outputs: outputs, weights: weights)
    }
  }

  func giveBack(_ hessians: OutputHessians) { idle.withLock { $0 = hessians } }
}
