// The Newton direction, computed by conjugate gradient. If the outputs are independent and small matrices suffice, an
// exact method may compute the direction.

import Synchronization
import TapKernels

extension LinearObjective {
  package mutating func newtonDirection(
    gradient: [Double], tolerance: Double, maximumProducts: Int
  ) -> (direction: [Double], products: Int) {
    if isHard, let direction = exactDirection(gradient: gradient) { return (direction, 1) }
    if let result = blockDirection(gradient, tolerance, maximumProducts) { return result }
    if let result = leadingDirection(gradient, tolerance, maximumProducts) { return result }
    let meanCurvatures = meanCurvatures()
    let diagonal = estimatedDiagonal(meanCurvatures: meanCurvatures)
    let curvatures = preparePreconditioner(meanCurvatures)
    let preconditioner = preconditioner
    let inner = ConjugateGradient(tolerance: tolerance, maximumIterations: maximumProducts).solve(
      gradient: gradient, blocks: blocks,
      precondition: {
        preconditioner.apply(
          $0, curvatures: curvatures, diagonal: diagonal, product: problem.product, threads: threads)
      }, hessianProduct: { hessianProduct($0) })
    products += inner.products
    productsSinceBlocks += inner.products
    lastProducts = inner.products
    // After more than 25 products, the exact direction would have been cheaper, even with the cost of the inner
    // products of rows.
    if inner.products > 25 { isHard = true }
    return (inner.direction, inner.products)
  }

  /// The solution of H δ = -g for each output. The solver factors the smaller of two matrices: H itself, or the inner
  /// products of the rows with curvature. Returns nil if the solution would cost more than many Hessian products, or if
  /// a matrix is not positive definite in double precision.
  ///
  /// Source: Chapelle, "Training a support vector machine in the primal" (2007).
  private func exactDirection(gradient: [Double]) -> [Double]? {
    guard blocks.isSeparable else { return nil }
    let (k, count) = (problem.outputs, problem.design.count)
    forEachShard { $0.partial32 = $0.curvatures() }
    let curvatures = shards.flatMap(\.partial32)
    let curved = (0..<k).map { output in (0..<count).filter { curvatures[$0 * k + output] > 0 } }
    let columns = Double(problem.columns)
    let cost = curved.reduce(0.0) { sum, rows in
      let m = Double(rows.count)
      return sum + (usesInnerProducts(rows) ? m * m * m / 3 : (m + columns / 3) * columns * columns)
    }
    guard cost <= 40 * 4 * Double(count) * Double(problem.weightCount) else { return nil }

    let images = forwardOfWeights(gradient)
    let usesGram = curved.contains { usesInnerProducts($0) }
    let gram = usesGram ? problem.gram?.elements(product: problem.product, threads: threads) ?? [] : []
    let solved = Mutex<[Int: Step]>([:])
    Threads.concurrentForEach(count: k, threads: threads) { output in
      let rows = curved[output]
      let system = NewtonSystem(
        rows: rows, curvatures: rows.map { Double(curvatures[$0 * k + output]) }, output: output,
        gradient: gradient)
      let step =
        usesInnerProducts(rows) ? solveByInnerProducts(system, gram, images) : solveDirectly(system)
      solved.withLock { $0[output] = step }
    }
    return solved.withLock { $0.count == k ? assemble($0, gradient) : nil }
  }

  /// The Newton equation of one output, given by the rows with curvature and by their curvatures.
  private struct NewtonSystem {
    let rows: [Int]
    let curvatures: [Double]
    let output: Int
    let gradient: [Double]
  }

  /// The solution of a ``NewtonSystem``: δ_w = weights - Σ uᵢ fᵢ over the rows of the system, and δ of the appended
  /// feature.
  private struct Step {
    var rows: [Int] = []
    var u: [Double] = []
    var weights: [Double] = []
    var appended: Double
  }

  private func usesInnerProducts(_ rows: [Int]) -> Bool {
    problem.gram != nil && rows.count <= problem.columns
  }

  /// The products F g_w for every row and output.
  private func forwardOfWeights(_ gradient: [Double]) -> [Double] {
    var weights = gradient
    for c in problem.weightCount..<weights.count { weights[c] = 0 }
    return scores(at: weights)
  }

  /// Solves by the Woodbury identity. F are the rows with curvature h, and K = F Fᵀ. B is the value of the appended
  /// feature, and ρ is the penalty of this feature plus the damping:
  /// ```
  /// (K + diag 1/h) u = -F g_w + B δ_b 1,     (ρ + B² 1ᵀt) δ_b = B 1ᵀs - g_b,     δ_w = -g_w - Fᵀu
  /// ```
  /// s and t are the solutions of two equations with the matrix K + diag 1/h. The right sides are F g_w for s and 1 for
  /// t.
  private func solveByInnerProducts(_ system: NewtonSystem, _ gram: [Double], _ images: [Double]) -> Step? {
    let (k, count, rows) = (problem.outputs, problem.design.count, system.rows)
    let factor = CholeskyFactor(order: rows.count, product: problem.product) {
      row, first, width, span, target in
      let source = rows[row] * count
      for j in 0..<width { span[target + j] = gram[source + rows[first + j]] }
      if row >= first && row < first + width {
        span[target + row - first] += 1 / system.curvatures[row]
      }
    }
    guard let factor else { return nil }
    let feature = problem.intercept.featureValue
    let s = factor.solve(rows.map { images[$0 * k + system.output] })
    let t = factor.solve([Double](repeating: 1, count: rows.count))
    let curvature =
      problem.intercept.penalty + interceptDamping + feature * feature * t.reduce(0, +)
    let slope = system.gradient[problem.weightCount + system.output]
    let appended = curvature > 0 ? (feature * s.reduce(0, +) - slope) / curvature : 0
    let d = problem.columns
    return Step(
      rows: rows, u: s.indices.map { feature * appended * t[$0] - s[$0] },
      weights: system.gradient[(system.output * d)..<((system.output + 1) * d)].map { -$0 },
      appended: appended)
  }

  /// Solves with the matrix H = I + Fᵀ diag(h) F. The last row and column of H belong to the appended feature.
  private func solveDirectly(_ system: NewtonSystem) -> Step? {
    let (d, rows) = (problem.columns, system.rows)
    let order = d + 1
    let feature = problem.intercept.featureValue
    var hessian = [Double](repeating: 0, count: order * order)
    let blockRows = 64
    var block = [Double](repeating: 0, count: blockRows * order)
    for start in stride(from: 0, to: rows.count, by: blockRows) {
      let end = min(start + blockRows, rows.count)
      var span = block.mutableSpan
      for position in start..<end {
        problem.design.fill(&span, row: rows[position], at: (position - start) * order)
      }
      for position in start..<end {
        let target = (position - start) * order
        let root = system.curvatures[position].squareRoot()
        span[target + d] = feature
        for j in 0..<order { span[target + j] *= root }
      }
      var sum = hessian.mutableSpan
      problem.product.multiply(
        ProductShape(rows: order, columns: order, depth: end - start), block.span, transposeA: true,
        block.span, into: &sum, adding: true)
    }
    for j in 0..<d { hessian[j * order + j] += 1 }
    hessian[d * order + d] += problem.intercept.penalty + interceptDamping
    // If no row has curvature and the intercept has no penalty, the intercept does not move.
    let isFlat = hessian[d * order + d] == 0
    if isFlat { hessian[d * order + d] = 1 }
    let factor = CholeskyFactor(order: order, product: problem.product) { row, first, width, span, target in
      for j in 0..<width { span[target + j] = hessian[row * order + first + j] }
    }
    guard let factor else { return nil }
    let slope = isFlat ? 0 : system.gradient[problem.weightCount + system.output]
    let weights = system.gradient[(system.output * d)..<((system.output + 1) * d)]
    let solution = factor.solve(weights.map { -$0 } + [-slope])
    return Step(weights: Array(solution[..<d]), appended: solution[d])
  }

  private func assemble(_ steps: [Int: Step], _ gradient: [Double]) -> [Double] {
    let (k, d, split) = (problem.outputs, problem.columns, problem.weightCount)
    var residuals = [Double](repeating: 0, count: problem.design.count * k)
    var direction = gradient
    for (output, step) in steps {
      for (row, value) in zip(step.rows, step.u) { residuals[row * k + output] = value }
      for j in 0..<d { direction[output * d + j] = step.weights[j] }
      direction[split + output] = step.appended
    }
    guard steps.values.contains(where: { !$0.rows.isEmpty }) else { return direction }
    let scattered = residuals
    let sums = sumOverRows(width: k) { _, rows, span in
      for i in 0..<(rows.count * k) { span[i] = scattered[rows.lowerBound * k + i] }
    }
    for i in 0..<split { direction[i] -= sums[i] }
    return direction
  }
}

extension RowShard {
  /// The curvature `cost · ℓ″` of every row and output: `[rows, outputs]`.
  func curvatures() -> [Float] {
    let k = problem.outputs
    var result = [Float](repeating: 0, count: range.count * k)
    var span = result.mutableSpan
    for i in 0..<range.count {
      problem.loss.hessianDiagonal(
        state: state.span, at: i * k, scale: problem.costs[range.lowerBound + i], into: &span, at: i * k)
    }
    return result
  }
}
