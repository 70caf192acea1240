// The Newton direction for coupled outputs with many classes.

import TapKernels

extension LinearObjective {
  /// The direction by conjugate gradient with ``LeadingRows`` as preconditioner; nil if this preconditioner costs more
  /// than the Hessian products of the last equation.
  mutating func leadingDirection(
    _ gradient: [Double], _ tolerance: Double, _ maximumProducts: Int
  ) -> (direction: [Double], products: Int)? {
    let (n, k, d) = (problem.design.count, problem.outputs, problem.columns)
    guard problem.loss.suitsClassBlocks, k >= LeadingRows.fewestClasses, !hasTooManyLeadingRows,
      let moments = problem.moments
    else { return nil }
    let product = 2 * Double(n * k) * Double(d)
    guard max(1.5, Double(lastProducts)) * product >= LeadingRows.operations(rows: n, columns: d, classes: k)
    else { return nil }
    var curvatures: [Float] = []
    curvatures.reserveCapacity(n * k)
    for shard in shards { curvatures.append(contentsOf: shard.curvatures()) }
    let appended = (problem.intercept.featureValue, problem.intercept.penalty + interceptDamping)
    guard
      let leading = LeadingRows(
        problem.design, curvatures, classes: k, moments, appended: appended, problem.product,
        threads: threads)
    else {
      hasTooManyLeadingRows = true
      return nil
    }
    // The ridge excludes the damping, because the damping decreases to 0. So the preconditioner never moves along
    // directions in which only the damping has curvature.
    let ridge = problem.intercept.penalty
    let inner = ConjugateGradient(tolerance: tolerance, maximumIterations: maximumProducts).solve(
      gradient: gradient, blocks: blocks,
      precondition: {
        leading.product(problem.design, with: $0, ridge: ridge, problem.product, threads: threads)
      },
      hessianProduct: { hessianProduct($0) })
    products += inner.products
    productsSinceBlocks += inner.products
    lastProducts = inner.products
    return (inner.direction, inner.products)
  }
}
