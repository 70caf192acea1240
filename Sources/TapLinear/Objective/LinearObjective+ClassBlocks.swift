// The Newton direction for coupled outputs, computed with ``ClassBlocks`` once the blocks save more time than they
// cost.

import TapKernels
import TapTensors

extension LinearObjective {
  /// The direction by conjugate gradient with ``ClassBlocks`` as preconditioner; nil as long as the blocks cost more
  /// than they save.
  mutating func blockDirection(
    _ gradient: [Double], _ tolerance: Double, _ maximumProducts: Int
  ) -> (direction: [Double], products: Int)? {
    prepareBlocks()
    guard let inverses = blockInverses else { return nil }
    // The ridge excludes the damping, because the damping decreases to 0. So the preconditioner never moves along
    // directions in which only the damping has curvature.
    let ridge = problem.intercept.penalty
    let inner = ConjugateGradient(tolerance: tolerance, maximumIterations: maximumProducts).solve(
      gradient: gradient, blocks: blocks,
      precondition: { ClassBlocks.apply(inverses, to: $0, ridge: ridge, problem.product) },
      hessianProduct: { hessianProduct($0) })
    products += inner.products
    productsSinceBlocks += inner.products
    return (inner.direction, inner.products)
  }

  package func conditionedSquare(_ gradient: [Double]) -> Double? {
    guard let inverses = blockInverses, gradient.count == parameterCount else { return nil }
    return dot(
      gradient,
      ClassBlocks.apply(inverses, to: gradient, ridge: problem.intercept.penalty, problem.product))
  }

  /// Builds the blocks for the current curvature of rows. The blocks are built once the Hessian products since the last
  /// building have cost as much as new blocks.
  private mutating func prepareBlocks() {
    guard let store = problem.classBlocks, problem.loss.suitsClassBlocks, productsSinceBlocks > 0 else {
      return
    }
    let (n, k, d) = (problem.design.count, problem.outputs, problem.columns)
    // If rows do not span all columns, single precision holds only the large part of the blocks.
    guard n > d else { return }
    let spent = store.worth * Double(productsSinceBlocks) * 2 * Double(n * k) * Double(d + 10)
    guard spent >= ClassBlocks.operations(rows: n, columns: d, classes: k, share: 0) else { return }
    forEachShard { $0.partial32 = $0.curvatures() }
    let curvatures = shards.flatMap(\.partial32)
    let least = 1 / (Float(n) * Float(d + 1))
    let share = Double(curvatures.count { $0 > least }) / Double(curvatures.count)
    guard spent >= ClassBlocks.operations(rows: n, columns: d, classes: k, share: share) else { return }
    let appended = (problem.intercept.featureValue, problem.intercept.penalty + interceptDamping)
    productsSinceBlocks = 0
    guard
      let inverses = ClassBlocks.inverses(
        problem.design, curvatures, classes: k, appended: appended, problem.product, threads: threads)
    else { return }
    blockInverses = inverses
    store.keep(inverses)
  }
}
