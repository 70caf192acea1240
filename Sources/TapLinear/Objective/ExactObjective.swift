// An objective whose Newton equations are solved exactly, for few parameters and hard problems.

import Synchronization
import TapKernels

/// A ``LinearObjective`` with exact Newton directions.
///
/// For few columns, building and factoring a Hessian costs as much as a few Hessian products. Hard problems take
/// hundreds of Hessian products.
struct ExactObjective<Loss: CertifiableLoss>: SmoothObjective {
  var objective: LinearObjective<Loss>
  /// The solution of H δ = -g for an objective, a gradient g and a tolerance. The norm of the residual is at most the
  /// tolerance times the norm of g. The value is nil if no solution is found in double precision.
  let solve: (LinearObjective<Loss>, [Double], Double) -> [Double]?

  var parameterCount: Int { objective.parameterCount }
  var blocks: ParameterBlocks { objective.blocks }
  var value: Double { objective.value }
  var parameters: [Double] { objective.parameters }

  mutating func start(at parameters: [Double]) { objective.start(at: parameters) }
  mutating func gradientAndGap() -> (gradient: [Double], gap: Double) { objective.gradientAndGap() }
  mutating func prepareLine(_ direction: [Double]) { objective.prepareLine(direction) }
  func alongLine(steps: [Double]) -> [LineSample] { objective.alongLine(steps: steps) }
  func lineStart() -> [LineSample] { objective.lineStart() }
  mutating func advance(steps: [Double]) { objective.advance(steps: steps) }

  mutating func newtonDirection(
    gradient: [Double], tolerance: Double, maximumProducts: Int
  ) -> (direction: [Double], products: Int) {
    solve(objective, gradient, tolerance).map { ($0, 1) }
      ?? objective.newtonDirection(gradient: gradient, tolerance: tolerance, maximumProducts: maximumProducts)
  }
}

extension LinearObjective where Loss: KinkedLoss {
  /// The Newton direction, computed from the kept matrices for each output separately; nil if a matrix is not positive
  /// definite, or as long as the matrices cost more than they save.
  ///
  /// Outputs with very small gradients do not move. The norm of all their gradients together stays within a tenth of
  /// the tolerance. This rule saves time at large C, because a few outputs then need many more steps than the others.
  ///
  /// - Parameters:
  ///   - tolerance: the allowed norm of the residual, divided by the norm of the gradient.
  ///   - c: the ratio of costs to sample weights.
  func exactDirection(
    _ gradient: [Double], tolerance: Double, by hessians: OutputHessians, c: Double
  ) -> [Double]? {
    let (k, d, split) = (problem.outputs, problem.columns, problem.weightCount)
    let curvatures = rowCurvatures()
    guard hessians.areWorthwhile(curvatures: curvatures, products: products, columns: d) else { return nil }
    let penalty = problem.intercept.penalty + interceptDamping
    let scale = c * problem.loss.curvature
    let squares = blocks.dot(gradient, gradient)
    let least = 0.01 * tolerance * tolerance * squares.reduce(0, +) / Double(k)
    let open = (0..<k).filter { squares[$0] > least }
    let solved = Mutex<[Int: [Double]]>([:])
    Threads.concurrentForEach(count: open.count, threads: threads) { place in
      let output = open[place]
      let factor = hessians.factor(
        output, curvatures: curvatures, scale: scale, penalty: penalty, of: problem)
      let right = gradient[(output * d)..<((output + 1) * d)].map { -$0 } + [-gradient[split + output]]
      let solution = factor?.solve(right)
      solved.withLock { $0[output] = solution }
    }
    let solutions = solved.withLock { $0 }
    guard solutions.count == open.count else { return nil }
    var direction = [Double](repeating: 0, count: gradient.count)
    for (output, solution) in solutions {
      for j in 0..<d { direction[output * d + j] = solution[j] }
      direction[split + output] = solution[d]
    }
    return direction
  }
}

extension LinearObjective {
  /// The curvature `cost · ℓ″` of every row and output: `[rows, outputs]`.
  func rowCurvatures() -> [Float] {
    forEachShard { $0.partial32 = $0.curvatures() }
    return shards.flatMap(\.partial32)
  }
}
