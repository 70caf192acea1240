// The Hessian of Crammer and Singer's smoothed loss for all classes together, stored as a matrix if there are few
// parameters.

import Synchronization
import TapKernels

/// H = I + Σᵢ costᵢ/δ (diag 1_S - 1_S 1_Sᵀ / |S|) ⊗ gᵢ gᵢᵀ. Here S is the set of classes with p > 0 in a row. g are the
/// scaled features of the row and the appended feature. Rows with a single class in S add nothing. In most rows S has
/// one or two classes, so the block of a pair of classes is a sum over few rows.
package struct CoupledHessian {
  /// The maximum number of parameters. For more parameters, a Cholesky factor costs more than the Hessian products that
  /// it saves.
  private static let mostParameters = 1300

  /// The maximum number of pairs of classes, summed over all rows (64 MB). Each pair of a row needs a separate product.
  private static let mostPairs = 1 << 22

  /// The rows that couple a pair of classes a ≥ b, and their factors.
  private struct Pair {
    var rows: [Int] = []
    var factors: [Double] = []
  }

  private let classCount: Int
  private let order: Int
  /// One block, `[order, order]`, for each pair of classes a ≥ b. A block of zeros is stored as an empty array.
  private let blocks: [[Double]]

  static func fits(rows: Int, columns: Int, classCount: Int) -> Bool {
    classCount * (columns + 1) <= mostParameters && rows > columns
  }

  /// The bytes of the blocks, of the Cholesky factor, and of the rows of each pair; 0 if no matrix is built.
  package static func bytes(rows: Int, columns: Int, classCount: Int) -> Double {
    guard fits(rows: rows, columns: columns, classCount: classCount) else { return 0 }
    let order = Double(classCount * (columns + 1))
    // Growing arrays take up to twice the memory of their contents.
    let pairs = min(Double(mostPairs), Double(rows) * Double(classCount) * Double(classCount + 1) / 2)
    return 9 * order * order + 2 * 16 * pairs
  }

  /// Returns nil if rows couple too many classes.
  init?(_ objective: LinearObjective<CrammerSingerLoss>) {
    let problem = objective.problem
    let (k, order) = (problem.outputs, problem.columns + 1)
    (classCount, self.order) = (k, order)
    let state = objective.shards.flatMap(\.state)
    let coupled = problem.costs.indices.reduce(0) { sum, row in
      let count = (0..<k).count { state[row * k + $0] > 0 }
      return sum + count * (count + 1) / 2
    }
    guard coupled <= Self.mostPairs else { return nil }
    var pairs = [Pair](repeating: Pair(), count: k * k)
    for (row, cost) in problem.costs.enumerated() where cost > 0 {
      let classes = (0..<k).filter { state[row * k + $0] > 0 }
      guard classes.count > 1 else { continue }
      let share = 1 / Double(classes.count)
      for a in classes {
        for b in classes where b <= a {
          pairs[a * k + b].rows.append(row)
          pairs[a * k + b].factors.append(cost / problem.loss.width * ((a == b ? 1 : 0) - share))
        }
      }
    }
    let known = pairs
    let found = Mutex([[Double]](repeating: [], count: k * k))
    Threads.concurrentForEach(count: k * k, threads: objective.threads) { index in
      guard !known[index].rows.isEmpty else { return }
      var sum = [Double](repeating: 0, count: order * order)
      problem.addMoments(known[index].rows, factors: known[index].factors, to: &sum)
      let finished = sum
      found.withLock { $0[index] = finished }
    }
    blocks = found.withLock { $0 }
  }

  /// The solution of H δ = -g; nil if H is not positive definite in double precision.
  ///
  /// - Parameter penalty: the penalty of the appended feature.
  func solve(_ gradient: [Double], penalty: Double, product: MatrixProduct) -> [Double]? {
    let (k, order, d) = (classCount, order, order - 1)
    // The loss has no curvature along a common shift of all intercepts. The loss also has no curvature along the
    // intercept of a class with p = 0 in every row. So a small term is added.
    let bend = (0..<k).reduce(0) { max($0, blocks[$1 * k + $1].last ?? 0) }
    let least = max(1e-10, 1e-10 * bend)
    let factor = CholeskyFactor(order: k * order, product: product) { row, first, width, span, target in
      let (a, i) = (row / order, row % order)
      var (b, j) = (first / order, first % order)
      for place in 0..<width {
        let block = blocks[a >= b ? a * k + b : b * k + a]
        if block.isEmpty {
          span[target + place] = 0
        } else {
          span[target + place] = a >= b ? block[i * order + j] : block[j * order + i]
        }
        if a == b && i == j { span[target + place] += i < d ? 1 : max(least, penalty) }
        j += 1
        if j == order { (b, j) = (b + 1, 0) }
      }
    }
    guard let factor else { return nil }
    let split = k * d
    var right = [Double](repeating: 0, count: k * order)
    for c in 0..<k {
      for j in 0..<d { right[c * order + j] = -gradient[c * d + j] }
      right[c * order + d] = -gradient[split + c]
    }
    let solution = factor.solve(right)
    var direction = gradient
    for c in 0..<k {
      for j in 0..<d { direction[c * d + j] = solution[c * order + j] }
      direction[split + c] = solution[c * order + d]
    }
    return direction
  }
}
