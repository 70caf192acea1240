// Newton's method for a smooth loss with a penalty that has kinks.

import Synchronization
import TapKernels

/// Minimizes a ``PenalizedObjective`` with an L1 or elastic net penalty.
///
/// Problem: minimize L(θ) + R(θ), with L convex and twice differentiable, and R separable with kinks at 0. A step
/// minimizes
/// ```
/// gᵀδ + ½ δᵀ H δ + R(θ + δ)
/// ```
/// over the parameters of a working set: the parameters that are not 0 or would leave 0. H is the Hessian of the loss
/// for these parameters. The step then goes toward that minimum as far as the objective decreases enough. Result: the
/// same as the result of ``TruncatedNewton``. The weights that are 0 at the minimum are exactly 0 in the result. All
/// weights enter the gradient and the gap. So the gap certifies that weights outside the working set are 0 at the
/// minimum.
///
/// The function that a step minimizes is called the model. The way to minimize the model depends on the coupling of the
/// outputs. Independent outputs (one-versus-rest) each have their own matrix. The outputs of a softmax share one matrix
/// while this matrix is small. Otherwise each output of a softmax has its own matrix. Twice the block diagonal of H is
/// then an upper bound of H. Each step of an accelerated proximal method takes one Hessian product and solves the small
/// problems of the outputs.
///
/// Source: Yuan, Ho and Lin, "An improved GLMNET for L1-regularized logistic regression" (2012); Beck and Teboulle, "A
/// fast iterative shrinkage-thresholding algorithm" (2009), restarted as in O'Donoghue and Candès (2015).
package struct ProximalNewton: Sendable {
  package var tolerance: Double
  package var maximumIterations: Int
  /// The maximum number of parameters with one matrix for all outputs of a softmax.
  package var largestJointOrder = 800
  /// The same maximum for hard fits. A fit is hard if a step without one matrix for all outputs took many Hessian
  /// products, or if there were many steps.
  package var largestHardOrder = 2000
  /// The maximum number of parameters of an independent output whose matrix is in double precision even in easy
  /// problems.
  private let smallOrder = 96
  /// A step that takes more Hessian products than this number counts as hard.
  private let manyProducts = 60
  /// The maximum number of steps of an easy problem.
  private let fewSteps = 8
  /// A limit of the loss, as a share of the least loss with intercepts alone. Below this limit, a long path along
  /// corners is assumed (``approach(_:weakening:limit:)``).
  private let smallShare = 0.1
  /// The maximum number of consecutive steps that lower neither the objective nor the gap.
  private let patience = 5

  package init(tolerance: Double, maximumIterations: Int) {
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  /// Minimizes from the objective's current point. Calls `observe` with every iterate.
  package func minimize<Loss>(
    _ objective: inout PenalizedObjective<Loss>,
    observe: (SolverState, [Double]) -> Void = { _, _ in }
  ) -> SolverResult {
    var products = 0
    var iterations = 0
    var (best, lowest) = (Double.infinity, Double.infinity)
    var sinceBest = 0
    var isHard = false
    while true {
      let (gradient, gap) = objective.lossGradientAndGap()
      let subgradient = objective.subgradient(gradient)
      let iterate = SolverState(
        value: objective.value, gap: gap, gradientNorm: dot(subgradient, subgradient).squareRoot())
      observe(iterate, objective.parameters)
      func stop(_ reason: StopReason) -> SolverResult {
        SolverResult(
          parameters: objective.parameters, last: iterate, iterations: iterations, hessianProducts: products,
          stopReason: reason)
      }
      let floor = iterations == 0 ? min(tolerance, 1e-14) : tolerance
      if gap <= floor * abs(objective.value) { return stop(.converged) }
      if iterations == maximumIterations || Cancellation.isRequested { return stop(.iterationLimit) }
      // Steps that only change rounding errors lower neither the gap nor the objective.
      sinceBest = gap < 0.99 * best || objective.value < lowest - 1e-14 * abs(lowest) ? 0 : sinceBest + 1
      best = min(best, gap)
      lowest = min(lowest, objective.value)
      if sinceBest == patience { return stop(.noProgress) }

      if iterations == 0, let ratio = weakening(objective, gradient) {
        iterations = approach(&objective, weakening: ratio, limit: min(120, maximumIterations))
        if iterations > 0 { continue }
      }
      // The error of the step may be a small share of the gap.
      let precision = max(1e-12, min(0.05, 0.02 * gap / abs(objective.value)))
      let (target, used) = minimizeModel(objective, gradient, precision, isHard: isHard)
      products += used
      isHard = isHard || used > manyProducts || iterations >= fewSteps
      let direction = zip(target, objective.parameters).map { $0 - $1 }
      objective.prepareLine(direction)
      guard let steps = steps(objective) else {
        return stop(gap <= tolerance * abs(objective.value) ? .converged : .noProgress)
      }
      objective.advance(steps: steps)
      iterations += 1
    }
  }

  /// The ratio of C to the C whose minimum is the current point; nil if the remaining loss at that point is not small.
  private func weakening<Loss>(_ objective: PenalizedObjective<Loss>, _ gradient: [Double]) -> Double? {
    guard objective.blocks.count == 1, objective.parameterCount <= largestHardOrder,
      objective.lossShare < smallShare
    else { return nil }
    let largest = gradient[..<objective.penalizedCount].reduce(0) { max($0, abs($1)) }
    let ratio = largest / objective.penalty.absolute
    return (1.5...20).contains(ratio) ? ratio : nil
  }

  // MARK: Along the step

  /// For each block, the largest step of 1, ½, ¼ … that gives at least a tenth of the decrease that the slope predicts.
  /// The step is 0 for a block without decrease. Returns nil if no block decreases.
  private func steps<Loss>(_ objective: PenalizedObjective<Loss>) -> [Double]? {
    let start = objective.alongLine(steps: [Double](repeating: 0, count: objective.blocks.count))
    // Near the minimum, rounding errors exceed the slope and the decrease.
    var steps = start.map { $0.slope <= 4e-15 * abs($0.value) ? 1.0 : 0 }
    var isOpen = steps.map { $0 > 0 }
    for _ in 0..<40 where isOpen.contains(true) {
      let here = objective.alongLine(steps: steps)
      for block in steps.indices where isOpen[block] {
        let slack = 4e-15 * abs(start[block].value)
        if here[block].value <= start[block].value + 0.1 * steps[block] * min(0, start[block].slope) + slack {
          isOpen[block] = false
        } else {
          steps[block] *= 0.5
        }
      }
    }
    for block in steps.indices where isOpen[block] { steps[block] = 0 }
    return steps.contains { $0 != 0 } ? steps : nil
  }

  // MARK: The model

  /// A point near the model's minimum, and the number of Hessian products that finding it took.
  private func minimizeModel<Loss>(
    _ objective: PenalizedObjective<Loss>, _ gradient: [Double], _ precision: Double, isHard: Bool
  ) -> (target: [Double], products: Int) {
    let set = objective.workingSet(gradient)
    let k = objective.problem.outputs
    let orders = (0..<k).map(set.order)
    let joint = orders.reduce(0, +)
    if objective.blocks.isSeparable || k == 1 {
      let pairs = (0..<k).map { ($0, $0) }
      // Single precision takes half the work, but does not distinguish nearly equal columns.
      let isPrecise = isHard || orders.reduce(0, max) <= smallOrder
      let tiles =
        isPrecise
        ? objective.hessianTiles(set, pairs: pairs, in: Double.self)
        : objective.hessianTiles(set, pairs: pairs, in: Float.self)
      let damping = isPrecise ? 1e-10 : 1e-6
      let models = (0..<k).map { Model(objective, set, [$0], tiles, factor: 1, damping: damping) }
      return (solve(models, objective, from: objective.parameters, gradient, precision, reduction: 0.01), 0)
    }
    if joint <= (isHard ? max(largestJointOrder, largestHardOrder) : largestJointOrder) {
      let pairs = (0..<k).flatMap { a in (a..<k).map { (a, $0) } }
      let model = Model(
        objective, set, Array(0..<k), objective.hessianTiles(set, pairs: pairs, in: Double.self), factor: 1,
        damping: 1e-10)
      return (solve([model], objective, from: objective.parameters, gradient, precision, reduction: 0.01), 0)
    }
    let tiles = objective.hessianTiles(set, pairs: (0..<k).map { ($0, $0) }, in: Float.self)
    return accelerate(
      (0..<k).map { Model(objective, set, [$0], tiles, factor: 2, damping: 1e-6) }, objective, gradient,
      precision)
  }

  /// The matrix of some outputs, and the parameters that belong to its rows.
  struct Model: Sendable {
    let members: [Int]
    let quadratic: PenalizedQuadratic

    init<Loss>(
      _ objective: PenalizedObjective<Loss>, _ set: WorkingSet, _ outputs: [Int], _ tiles: HessianTiles,
      factor: Double, damping: Double
    ) {
      let d = objective.problem.columns
      let members = outputs.flatMap { set.members($0, columns: d) }
      let order = members.count
      var starts = [Int: Int]()
      var start = 0
      for output in outputs {
        starts[output] = start
        start += set.order(output)
      }
      var matrix = [Double](repeating: 0, count: order * order)
      for ((a, b), tile) in zip(tiles.pairs, tiles.tiles) {
        guard let row = starts[a], let column = starts[b] else { continue }
        let width = set.order(b)
        for i in 0..<set.order(a) {
          for j in 0..<width {
            matrix[(row + i) * order + column + j] = factor * tile[i * width + j]
            matrix[(column + j) * order + row + i] = factor * tile[i * width + j]
          }
        }
      }
      let isFree = members.map { $0 >= objective.penalizedCount }
      for i in 0..<order {
        // With linearly dependent columns, a part of the matrix is 0 or only rounding error.
        matrix[i * order + i] *= 1 + damping
        guard isFree[i] else { continue }
        // Damping is added only if the intercept's own curvature does not bound the step. Unnecessary damping would add
        // many steps.
        let damping = factor * objective.interceptDamping
        if damping > matrix[i * order + i] { matrix[i * order + i] += damping }
        matrix[i * order + i] = max(matrix[i * order + i], 1e-10)
      }
      self.members = members
      quadratic = PenalizedQuadratic(
        matrix: matrix, order: order, penalty: objective.penalty, isFree: isFree,
        product: objective.problem.product)
    }
  }

  /// The minima of independent models, starting from parameters with this gradient.
  private func solve<Loss>(
    _ models: [Model], _ objective: PenalizedObjective<Loss>, from start: [Double], _ gradient: [Double],
    _ precision: Double, reduction: Double
  ) -> [Double] {
    let scale = objective.penalty.absolute
    let solved = Mutex<[Int: [Double]]>([:])
    Threads.concurrentForEach(count: models.count, threads: objective.base.threads) { index in
      let model = models[index]
      let x = model.quadratic.minimize(
        from: model.members.map { start[$0] }, gradient: model.members.map { gradient[$0] },
        tolerance: precision * scale, reduction: reduction)
      solved.withLock { $0[index] = x }
    }
    var result = start
    for (index, x) in solved.withLock({ $0 }) {
      for (place, member) in models[index].members.enumerated() { result[member] = x[place] }
    }
    return result
  }

  private func accelerate<Loss>(
    _ models: [Model], _ objective: PenalizedObjective<Loss>, _ gradient: [Double], _ precision: Double
  ) -> (target: [Double], products: Int) {
    let origin = objective.parameters
    let count = objective.penalizedCount
    let penalty = objective.penalty
    var (x, image) = (origin, [Double](repeating: 0, count: origin.count))
    var (y, imageOfY) = (x, image)
    // The value is relative to the model's value at the origin. A difference of two full values would be lost in
    // rounding.
    var value = 0.0
    var momentum = 1.0
    var products = 0
    while products < 200 {
      let slopes = zip(gradient, imageOfY).map { $0 + $1 }
      let next = solve(models, objective, from: y, slopes, precision, reduction: 0.05)
      let step = zip(next, origin).map { $0 - $1 }
      let nextImage = objective.lossHessianProduct(step)
      products += 1
      var nextValue = dot(gradient, step) + 0.5 * dot(step, nextImage)
      for i in 0..<count { nextValue += penalty.change(from: origin[i], to: next[i]) }
      guard nextValue < value else {
        if momentum == 1 { break }
        (y, imageOfY, momentum) = (x, image, 1)
        continue
      }
      let isDone = value - nextValue <= precision * -nextValue
      let old = (x: x, image: image)
      (x, image, value) = (next, nextImage, nextValue)
      if isDone { break }
      let nextMomentum = 0.5 * (1 + (1 + 4 * momentum * momentum).squareRoot())
      let weight = (momentum - 1) / nextMomentum
      momentum = nextMomentum
      for i in y.indices {
        y[i] = x[i] + weight * (x[i] - old.x[i])
        imageOfY[i] = image[i] + weight * (image[i] - old.image[i])
      }
    }
    return (x, products)
  }
}
