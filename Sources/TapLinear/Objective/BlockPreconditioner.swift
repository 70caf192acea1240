// A matrix that approximates the Hessian. L-BFGS uses the curvature (second derivatives) of this matrix in addition to
// the pairs of steps and gradient changes.

import Synchronization
import TapKernels

/// The inverse M⁻¹ of M = I + Σᵢ Dᵢ ⊗ gᵢ gᵢᵀ. D is the second derivative of a row's loss, or only the diagonal of this
/// derivative. g are the scaled features of the row, followed by the appended constant feature.
package struct BlockPreconditioner: Sendable {
  /// One factor for all outputs together, or one factor for each output.
  private let factors: [CholeskyFactor]
  private let outputs: Int

  fileprivate init(_ factors: [CholeskyFactor], outputs: Int) {
    self.factors = factors
    self.outputs = outputs
  }

  /// M⁻¹ r for a residual r: `[outputs, columns]`, followed by the elements of the appended feature.
  func apply(_ residual: [Double]) -> [Double] {
    let (d, each) = (residual.count / outputs - 1, outputs / factors.count)
    let split = outputs * d
    var result = residual
    for (index, factor) in factors.enumerated() {
      let group = (index * each)..<((index + 1) * each)
      var right: [Double] = []
      right.reserveCapacity(each * (d + 1))
      for c in group {
        right += residual[(c * d)..<((c + 1) * d)]
        right.append(residual[split + c])
      }
      let solved = factor.solve(right)
      for (place, c) in group.enumerated() {
        for j in 0..<d { result[c * d + j] = solved[place * (d + 1) + j] }
        result[split + c] = solved[place * (d + 1) + d]
      }
    }
    return result
  }
}

/// The limits within which a ``BlockPreconditioner`` is built.
private enum BlockLimits {
  static let columns = 256
  /// The maximum number of elements of the matrices of all outputs together. The second derivatives of all rows have
  /// the same maximum.
  static let elements = 1 << 21
  /// The maximum number of parameters for one matrix of all outputs.
  static let parameters = 1300
}

extension BlockLimits {
  static func fit(rows: Int, columns: Int, outputs: Int) -> Bool {
    columns <= Self.columns && outputs * (columns + 1) * (columns + 1) <= elements && rows >= columns
  }

  /// Whether coupled outputs share one matrix.
  static func fitTogether(rows: Int, columns: Int, outputs: Int) -> Bool {
    outputs * (columns + 1) <= parameters && rows * outputs * outputs <= elements
  }
}

extension BlockPreconditioner {
  /// The bytes needed to build a preconditioner: sums, factors and second derivatives; 0 if no preconditioner is built.
  package static func bytes(rows: Int, columns: Int, outputs: Int, areCoupled: Bool) -> Double {
    guard BlockLimits.fit(rows: rows, columns: columns, outputs: outputs) else { return 0 }
    let (n, k, order) = (Double(rows), Double(outputs), Double(columns + 1))
    // The old preconditioner stays in memory while the next one is built.
    let apart = 16 * k * order * order + 12 * n * k
    guard areCoupled, BlockLimits.fitTogether(rows: rows, columns: columns, outputs: outputs) else {
      return apart
    }
    return 12 * k * order * k * order + 16 * n * k * k
  }
}

extension LinearObjective {
  package var preconditionerSchedule: PreconditionerSchedule? {
    let (k, d, rows) = (problem.outputs, problem.columns, problem.design.count)
    guard BlockLimits.fit(rows: rows, columns: d, outputs: k) else { return nil }
    // An iteration takes about six products of the features with the parameters. A matrix for d columns costs as much
    // as about d / 4 iterations.
    let isCoupled =
      !problem.loss.isSeparable && BlockLimits.fitTogether(rows: rows, columns: d, outputs: k)
    return PreconditionerSchedule(first: max(10, d / 4), joint: isCoupled ? max(60, k * d / 8) : nil)
  }

  package func blockPreconditioner(isJoint: Bool) -> BlockPreconditioner? {
    let k = problem.outputs
    let derivatives = isJoint ? secondDerivatives() : rowCurvatures().map { Double($0) }
    // Each row has `width` second derivatives: one for each pair (a, b) of outputs, or one for each output. Only pairs
    // with a ≥ b are summed, because the matrix is symmetric.
    let width = isJoint ? k * k : k
    let (problem, order) = (problem, problem.columns + 1)
    let found = Mutex([[Double]](repeating: [], count: width))
    Threads.concurrentForEach(count: width, threads: threads) { place in
      guard !isJoint || place % k <= place / k else { return }
      let rows = problem.costs.indices.filter { derivatives[$0 * width + place] != 0 }
      var sum = [Double](repeating: 0, count: order * order)
      problem.addMoments(rows, factors: rows.map { derivatives[$0 * width + place] }, to: &sum)
      if !isJoint || place % k == place / k {
        for j in 0..<(order - 1) { sum[j * order + j] += 1 }
        // The loss has no curvature along a common shift of all intercepts. The loss also has no curvature along the
        // intercept of a class whose probability is 0 or 1 in every row. So a small term is added.
        sum[order * order - 1] += max(problem.intercept.penalty, 1e-6 * (1 + sum[order * order - 1]))
      }
      let finished = sum
      found.withLock { $0[place] = finished }
    }
    let sums = found.withLock { $0 }
    let groups = isJoint ? 1 : k
    let size = isJoint ? k * order : order
    let factors = (0..<groups).compactMap { group in
      CholeskyFactor(order: size, product: problem.product) { row, first, width, span, target in
        let (a, i) = (row / order, row % order)
        for place in 0..<width {
          let (b, j) = ((first + place) / order, (first + place) % order)
          let sum = sums[isJoint ? max(a, b) * k + min(a, b) : group]
          span[target + place] = a >= b ? sum[i * order + j] : sum[j * order + i]
        }
      }
    }
    return factors.count == groups ? BlockPreconditioner(factors, outputs: k) : nil
  }

  /// The second derivatives costᵢ d²ℓ/dz² of every row, `[rows, outputs, outputs]`.
  private func secondDerivatives() -> [Double] {
    let k = problem.outputs
    forEachShard { shard in
      var result = [Double](repeating: 0, count: shard.range.count * k * k)
      var span = result.mutableSpan
      for i in 0..<shard.range.count {
        for c in 0..<k {
          let target = (i * k + c) * k
          span[target + c] = 1
          shard.problem.loss.multiplyByHessian(
            state: shard.state.span, at: i * k, scale: shard.problem.costs[shard.range.lowerBound + i], &span,
            at: target)
        }
      }
      shard.partial = result
    }
    return shards.flatMap(\.partial)
  }
}

extension LinearProblem {
  /// Adds Σ factorᵢ gᵢ gᵢᵀ over some rows to `sum`, `[columns + 1, columns + 1]`. g are the scaled features, followed
  /// by the appended feature.
  func addMoments(_ rows: [Int], factors: [Double], to sum: inout [Double]) {
    let (order, feature, blockRows) = (columns + 1, intercept.featureValue, 64)
    var right = [Double](repeating: 0, count: min(blockRows, rows.count) * order)
    var left = right
    for start in stride(from: 0, to: rows.count, by: blockRows) {
      let range = start..<min(start + blockRows, rows.count)
      var rightSpan = right.mutableSpan
      var leftSpan = left.mutableSpan
      for place in range {
        let target = (place - start) * order
        design.fill(&rightSpan, row: rows[place], at: target)
        rightSpan[target + order - 1] = feature
        let factor = factors[place]
        for j in target..<(target + order) { leftSpan[j] = factor * rightSpan[j] }
      }
      var target = sum.mutableSpan
      product.multiply(
        ProductShape(rows: order, columns: order, depth: range.count), left.span, transposeA: true,
        right.span,
        into: &target, adding: true)
    }
  }
}
