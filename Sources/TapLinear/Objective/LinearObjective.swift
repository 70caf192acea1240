// The objective of a linear model on its data: value, gradient, Hessian products and certificate. Values and gradients
// are in double precision. Hessian products only guide the solver, so they are in single precision.

import Synchronization
import TapKernels
import TapTensors

/// The function P of a ``LinearProblem`` with a current point. The rows are divided into shards, the pieces of parallel
/// work.
package struct LinearObjective<Loss: CertifiableLoss>: SmoothObjective {
  package private(set) var problem: LinearProblem<Loss>
  package let threads: Int
  package private(set) var parameters: [Double]
  package private(set) var value: Double = .infinity

  let shards: [RowShard<Loss>]
  private var direction: [Double] = []
  /// For each block, whether a full Newton step led to the current point. After a full step, the linearized dual rows
  /// give the smallest gap.
  private var isLinearized: [Bool] = []
  /// Whether a Newton equation took many products.
  var isHard = false
  /// The number of Hessian products so far.
  var products = 0
  var preconditioner: MomentsPreconditioner
  /// The inverses of ``ClassBlocks``; nil until the inverses are built. `productsSinceBlocks` counts the Hessian
  /// products since the last building.
  var blockInverses: [ClassBlocks.Inverse]?
  var productsSinceBlocks = 0
  /// The number of Hessian products of the last Newton equation.
  var lastProducts = 0
  /// Whether too many rows are leading rows, so that ``LeadingRows`` cannot approximate the Hessian.
  var hasTooManyLeadingRows = false
  /// The term added to the curvature of a free intercept. If the model is certain of the class of every row, the
  /// curvature of the intercept may vanish, and a Newton step would diverge. The term |g|∞/8 keeps a step below 8,
  /// which is a factor of e⁸ in probability. The term decreases to 0 with the gradient, so convergence stays quadratic.
  package private(set) var interceptDamping = 0.0
  /// Whether gradients and changes of scores are in single precision.
  var isRough = false
  /// The largest dual value so far: a lower bound of the minimum.
  private var lowerBound = -Double.infinity

  package init(_ problem: LinearProblem<Loss>, threads: Int = 1) {
    self.problem = problem
    self.threads = max(1, threads)
    self.parameters = [Double](repeating: 0, count: problem.parameterCount)
    self.preconditioner = MomentsPreconditioner(columns: problem.columns)
    self.blockInverses = problem.loss.suitsClassBlocks ? problem.classBlocks?.inverses : nil
    let count = problem.design.count
    let pieces = Self.pieces(rows: count, parameters: problem.parameterCount)
    self.shards = (0..<pieces).map {
      RowShard(problem, range: (count * $0 / pieces)..<(count * ($0 + 1) / pieces))
    }
  }

  /// The number of shards. There are enough shards to balance the load, and few enough to keep their partial sums small
  /// compared to the features.
  package static func pieces(rows: Int, parameters: Int) -> Int {
    max(1, min(16, rows / 256, max(2, 8_000_000 / max(1, parameters))))
  }

  package var parameterCount: Int { problem.parameterCount }
  package var blocks: ParameterBlocks {
    ParameterBlocks(
      outputs: problem.outputs, columns: problem.columns, isSeparable: problem.loss.isSeparable)
  }

  package mutating func start(at parameters: [Double]) {
    precondition(parameters.count == parameterCount)
    self.parameters = parameters
    let weights: FoldedWeights<Double> = folded(parameters)
    let isZero = parameters.allSatisfy { $0 == 0 }
    forEachShard {
      $0.offsets = []
      if isZero { $0.clearScores() } else { $0.forward(weights, into: \.scores) }
    }
    isLinearized = []
    refreshValue()
  }

  /// Sets another loss and other offsets of the scores. The parameters and the certified loss do not change.
  mutating func setLoss(_ loss: Loss, offsets: @Sendable (RowShard<Loss>) -> [Double]) {
    problem.loss = loss
    let problem = problem
    forEachShard { shard in
      var scores = shard.ownScores
      shard.offsets = offsets(shard)
      for i in scores.indices { scores[i] += shard.offsets[i] }
      shard.scores = scores
      shard.problem = problem
    }
    isLinearized = []
    refreshValue()
  }

  /// Sets the dual rows, `[rows, outputs]`, that another method found for this point.
  mutating func takeDual(_ rows: [Double]) {
    let k = problem.outputs
    forEachShard { $0.dual = Array(rows[($0.range.lowerBound * k)..<($0.range.upperBound * k)]) }
    isLinearized = [Bool](repeating: true, count: blocks.count)
  }

  /// The scores of all rows, `[rows, outputs]`, at other parameters or along a direction; the current point does not
  /// change.
  package func scores(at parameters: [Double]) -> [Double] {
    precondition(parameters.count == parameterCount)
    let weights: FoldedWeights<Double> = folded(parameters)
    forEachShard { $0.forward(weights, into: \.lineScores) }
    return shards.flatMap(\.lineScores)
  }

  /// ½‖W‖² + ½ρ‖β‖² for parameters or a direction.
  func penalty(_ parameters: [Double]) -> Double { penalty(parameters, parameters) }

  /// The loss, divided by the least loss of a model that has only intercepts.
  package var lossShare: Double { (value - penalty(parameters)) / problem.leastConstantValue }

  private func penalty(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == parameterCount && b.count == parameterCount)
    let split = problem.weightCount
    var (weights, appended) = (0.0, 0.0)
    for i in 0..<split { weights += a[i] * b[i] }
    for i in split..<a.count { appended += a[i] * b[i] }
    return 0.5 * (weights + problem.intercept.penalty * appended)
  }

  mutating func refreshValue() {
    value = penalty(parameters) + sum { $0.value() }
  }

  package mutating func gradientAndGap() -> (gradient: [Double], gap: Double) {
    let split = problem.weightCount
    let sums = lossSums()
    var gradient = sums.gradient
    for i in gradient.indices { gradient[i] += (i < split ? 1 : problem.intercept.penalty) * parameters[i] }
    interceptDamping = damping(gradient)
    // The second sum is -V, so W - V is W plus the second sum.
    let distance = zip(parameters, sums.dual).map { $0 + $1 }
    let gap = penalty(distance) + sums.divergence
    lowerBound = max(lowerBound, value - gap)
    // Rounding makes both sums inexact, so the certified gap is at least a few units in the last place of the value.
    // With this order of arguments, a NaN stays a NaN.
    return (gradient, max(min(gap, value - lowerBound), 4 * value.ulp))
  }

  package mutating func gradient() -> [Double] {
    let (k, split) = (problem.outputs, problem.weightCount)
    var gradient =
      isRough ? roughLossGradient() : sumOverRows(width: k) { $0.gradients($1, into: &$2) }
    for i in gradient.indices { gradient[i] += (i < split ? 1 : problem.intercept.penalty) * parameters[i] }
    interceptDamping = damping(gradient)
    return gradient
  }

  private func damping(_ gradient: [Double]) -> Double {
    problem.intercept.penalty > 0
      ? 0 : gradient[problem.weightCount...].reduce(0) { max($0, abs($1)) } / 8
  }

  /// Three results: the gradient of the loss; the sum Σ costᵢ (pᵢ - e_{yᵢ}) fᵢᵀ = -V of the dual rows p; and the
  /// divergence of the dual rows. One pass over the features computes both sums.
  func lossSums() -> (gradient: [Double], dual: [Double], divergence: Double) {
    let (k, split) = (problem.outputs, problem.weightCount)
    let divergence = formDualPoint(isLinearized)
    let sums = sumOverRows(width: 2 * k) { $0.residuals($1, into: &$2) }
    return (
      Array(sums[..<split] + sums[(2 * split)..<(2 * split + k)]),
      Array(sums[split..<(2 * split)] + sums[(2 * split + k)...]), divergence
    )
  }

  package func hessianProduct(_ direction: [Double]) -> [Double] {
    let (design, k, feature) = (problem.design, problem.outputs, problem.intercept.featureValue)
    let isScaled = design.scaledRows(outputs: k) != nil
    let weights: FoldedWeights<Float> = design.folded(
      direction, outputs: k, feature: feature, isScaled: isScaled)
    var product = sum(count: parameterCount) { $0.multiplyByHessian(weights) }
    design.unfold(&product, width: k, feature: feature, isScaled: isScaled)
    // The exact sum of the product over classes is 0. A rounding error of this sum would persist, because only the
    // penalty has curvature in the direction of the error.
    if problem.loss.suitsClassBlocks { product.center(classCount: k) }
    return addPenalty(of: direction, to: product)
  }

  /// The Hessian's diagonal, estimated with one curvature for all rows of an output. The elements of the appended
  /// feature are exact.
  package func estimatedDiagonal(meanCurvatures: [Double]) -> [Double] {
    let squares = problem.squares.elements(threads: threads)
    let feature = problem.intercept.featureValue
    let (d, count) = (problem.columns, Double(problem.design.count))
    var diagonal = [Double](repeating: 0, count: parameterCount)
    for (c, curvature) in meanCurvatures.enumerated() {
      for j in 0..<d { diagonal[c * d + j] = curvature * squares[j] }
      diagonal[problem.weightCount + c] = curvature * count * feature * feature
    }
    diagonal = addPenalty(of: [Double](repeating: 1, count: parameterCount), to: diagonal)
    // Near the minimum the damping is almost 0. Without damping, a class whose probability is 0 or 1 in every row has
    // no curvature.
    for c in problem.weightCount..<parameterCount { diagonal[c] = max(diagonal[c], 1e-10) }
    return diagonal
  }

  private func addPenalty(of direction: [Double], to product: [Double]) -> [Double] {
    var result = product
    for i in 0..<problem.weightCount { result[i] += direction[i] }
    let factor = problem.intercept.penalty + interceptDamping
    for i in problem.weightCount..<parameterCount { result[i] += factor * direction[i] }
    return result
  }

  package mutating func prepareLine(_ direction: [Double]) {
    self.direction = direction
    // The line search may overwrite the dual rows.
    if problem.loss.leavesStateAlongLine { isLinearized = [] }
    if isRough { return prepareRoughLine(direction) }
    let weights: FoldedWeights<Double> = folded(direction)
    forEachShard { $0.forward(weights, into: \.lineScores) }
  }

  package func alongLine(steps: [Double]) -> [LineSample] {
    samples(steps: steps) { $0.alongLine(steps: steps) }
  }

  package func lineStart() -> [LineSample] {
    samples(steps: [Double](repeating: 0, count: blocks.count)) { $0.lineStart(blocks: blocks.count) }
  }

  private func samples(steps: [Double], _ ofShard: @Sendable (RowShard<Loss>) -> [LineSample]) -> [LineSample] {
    let crosses = penalties(parameters, direction)
    let squares = penalties(direction, direction)
    let own = penalties(parameters, parameters)
    var samples = steps.indices.map { block in
      LineSample(
        value: 0.5 * own[block] + steps[block] * (crosses[block] + 0.5 * steps[block] * squares[block]),
        slope: crosses[block] + steps[block] * squares[block], curvature: squares[block])
    }
    forEachShard { $0.samples = ofShard($0) }
    for shard in shards {
      for block in samples.indices { samples[block] += shard.samples[block] }
    }
    return samples
  }

  package mutating func advance(steps: [Double]) {
    blocks.withEachRange { block, range in
      for i in range { parameters[i] += steps[block] * direction[i] }
    }
    isLinearized = steps.map { $0 == 1 }
    value = penalty(parameters) + sum { $0.advance(steps: steps) ?? $0.value() }
  }

  /// For each block, W·V + ρ β·γ of two sets of parameters (W, β) and (V, γ).
  private func penalties(_ a: [Double], _ b: [Double]) -> [Double] {
    var weighted = b
    for i in problem.weightCount..<b.count { weighted[i] *= problem.intercept.penalty }
    return blocks.dot(a, weighted)
  }

  // MARK: Shards

  func folded<T: ProductElement>(_ parameters: [Double]) -> FoldedWeights<T> {
    problem.design.folded(
      parameters, outputs: problem.outputs, feature: problem.intercept.featureValue)
  }

  /// The sum Σᵢ rᵢ fᵢᵀ for residuals rᵢ: `[width, columns]`, followed by the `width` sums of the appended feature.
  ///
  /// - Parameter residuals: a function that writes the residuals of a range of a shard's rows, `[rows, width]`.
  func sumOverRows(
    width: Int, _ residuals: @Sendable (RowShard<Loss>, Range<Int>, inout MutableSpan<Double>) -> Void
  ) -> [Double] {
    var sums = sum(count: width * (problem.columns + 1)) { shard in
      shard.backward(width: width) { residuals(shard, $0, &$1) }
    }
    problem.design.unfold(&sums, width: width, feature: problem.intercept.featureValue)
    return sums
  }

  func forEachShard(_ body: @Sendable (RowShard<Loss>) -> Void) {
    let shards = shards
    Threads.concurrentForEach(count: shards.count, threads: threads) { body(shards[$0]) }
  }

  /// The sum of one number from each shard, in order.
  func sum(_ body: @Sendable (RowShard<Loss>) -> Double) -> Double {
    forEachShard { $0.number = body($0) }
    return shards.reduce(0) { $0 + $1.number }
  }

  /// The sum of one array from each shard, in order. An array is added and released as soon as all earlier arrays are
  /// added.
  func sum<T: BinaryFloatingPoint & Sendable>(
    count: Int, _ part: @Sendable (RowShard<Loss>) -> [T]
  ) -> [Double] {
    let shards = shards
    let state = Mutex(PartialSum<T>(count: count))
    Threads.concurrentForEach(count: shards.count, threads: threads) { index in
      let part = part(shards[index])
      state.withLock { $0.add(part, at: index) }
    }
    return state.withLock { $0.total }
  }

  /// The sum of the shards' partial arrays, in order.
  func reduce<T: BinaryFloatingPoint>(count: Int, _ partial: (RowShard<Loss>) -> [T]) -> [Double] {
    var total = [Double](repeating: 0, count: count)
    for shard in shards {
      let part = partial(shard)
      precondition(part.count == count)
      for i in 0..<count { total[i] += Double(part[i]) }
    }
    return total
  }
}

/// A sum of arrays that arrive in any order. The arrays are added in the order of their places.
private struct PartialSum<T: BinaryFloatingPoint & Sendable>: Sendable {
  private(set) var total: [Double]
  private var next = 0
  private var waiting: [Int: [T]] = [:]

  init(count: Int) { total = [Double](repeating: 0, count: count) }

  mutating func add(_ part: [T], at place: Int) {
    waiting[place] = part
    while let part = waiting.removeValue(forKey: next) {
      precondition(part.count == total.count)
      for i in part.indices { total[i] += Double(part[i]) }
      next += 1
    }
  }
}
