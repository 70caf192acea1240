// A shard: the consecutive rows that one piece of parallel work owns, with their scores and scratch memory. Threads
// work on different shards and share nothing that is written. The number of shards depends only on the problem's shape,
// and their sums are added in order, so results do not depend on the number of threads.

import TapKernels

/// The mutable state of one run of rows. Only one thread at a time touches a shard.
final class Shard<Loss: PointwiseLoss>: @unchecked Sendable {
  var problem: LinearProblem<Loss>
  let range: Range<Int>

  /// z: `[rows, outputs]`, at the current parameters, with the offsets.
  var scores: [Double]
  /// The offsets added to the model's own scores; empty for none.
  var offsets: [Double] = []
  /// The state that the loss keeps of each row (for the softmax, q).
  var state: [Double]
  /// F δᵀ + b(δ): the change of the scores along the current search direction.
  var lineScores: [Double]
  /// The last steps along the line and the value there, if the loss stores its state in `dual`; nil once the scores
  /// moved.
  var lineEnd: (steps: [Double], value: Double)?
  /// The rows of a dual point (for the softmax, p). During a line search they may be the state at the last steps.
  var dual: [Double]

  /// The shard's part of a result for each row, or of a sum over rows.
  var partial: [Double] = []
  var partial32: [Float] = []
  /// The shard's part of a single sum, and of a function along a line.
  var number = 0.0
  var samples: [LineSample] = []
  private var pass: DesignPass<Double>
  private var pass32: DesignPass<Float>

  init(_ problem: LinearProblem<Loss>, range: Range<Int>) {
    self.problem = problem
    self.range = range
    let count = range.count * problem.outputs
    self.scores = [Double](repeating: 0, count: count)
    self.state = scores
    self.lineScores = scores
    self.dual = scores
    self.pass = DesignPass(problem.design, problem.product)
    self.pass32 = DesignPass(problem.design, problem.product)
  }

  /// The model's scores, without offsets.
  var ownScores: [Double] {
    if offsets.isEmpty { return scores }
    var own = scores
    for i in own.indices { own[i] -= offsets[i] }
    return own
  }

  /// The shard's rows in blocks of at most `size`.
  private func blocks(of size: Int) -> some Sequence<Range<Int>> {
    let end = range.upperBound
    return stride(from: range.lowerBound, to: end, by: size).lazy.map { $0..<min($0 + size, end) }
  }

  /// The scores of the shard's rows, `[rows, outputs]`, into one of its arrays.
  func forward(
    _ weights: FoldedWeights<Double>, into target: ReferenceWritableKeyPath<Shard, [Double]>
  ) {
    let k = problem.outputs
    let size = pass.blockRows(outputs: k)
    lineEnd = nil
    // Moved out, so that it is written in place.
    var result: [Double] = []
    swap(&result, &self[keyPath: target])
    var all = result.mutableSpan
    var out = [Double](repeating: 0, count: size * k)
    for rows in blocks(of: size) {
      pass.load(rows)
      var block = out.mutableSpan
      pass.scores(weights, into: &block)
      let first = (rows.lowerBound - range.lowerBound) * k
      for i in 0..<(rows.count * k) { all[first + i] = block[i] }
    }
    swap(&result, &self[keyPath: target])
  }

  /// The same in single precision.
  func forward(_ weights: FoldedWeights<Float>, into target: ReferenceWritableKeyPath<Shard, [Double]>) {
    let k = problem.outputs
    let scaled = problem.design.scaledRows(outputs: k)
    let size = pass32.blockRows(outputs: k)
    lineEnd = nil
    // Moved out, so that it is written in place.
    var result: [Double] = []
    swap(&result, &self[keyPath: target])
    var all = result.mutableSpan
    var out = [Float](repeating: 0, count: size * k)
    for rows in blocks(of: size) {
      pass32.load(rows, scaled: scaled)
      var block = out.mutableSpan
      pass32.scores(weights, into: &block)
      let first = (rows.lowerBound - range.lowerBound) * k
      for i in 0..<(rows.count * k) { all[first + i] = Double(block[i]) }
    }
    swap(&result, &self[keyPath: target])
  }

  /// Sets the scores to those of parameters that are all 0.
  func clearScores() { scores = [Double](repeating: 0, count: scores.count) }

  /// The shard's part of Σᵢ rᵢ fᵢᵀ, `[width, columns]`, and then Σᵢ rᵢ, before unfolding.
  ///
  /// - Parameter residuals: writes the r of some rows, `[rows, width]`.
  func backward(width: Int, _ residuals: (Range<Int>, inout MutableSpan<Double>) -> Void) -> [Double] {
    let split = width * problem.columns
    let size = pass.blockRows(outputs: width)
    var sum = [Double](repeating: 0, count: split + width)
    var factors = [Double](repeating: 0, count: size * width)
    for rows in blocks(of: size) {
      pass.load(rows)
      var written = factors.mutableSpan
      residuals(rows, &written)
      var target = sum.mutableSpan
      pass.addSums(factors.span, outputs: width, to: &target)
      for i in 0..<rows.count {
        for c in 0..<width { target[split + c] += factors[i * width + c] }
      }
    }
    return sum
  }

  /// The same in single precision.
  func backward32(width: Int, _ residuals: (Range<Int>, inout MutableSpan<Double>) -> Void) -> [Float] {
    let split = width * problem.columns
    let scaled = problem.design.scaledRows(outputs: width)
    let size = pass32.blockRows(outputs: width)
    var sum = [Float](repeating: 0, count: split + width)
    var exact = [Double](repeating: 0, count: size * width)
    var factors = [Float](repeating: 0, count: size * width)
    for rows in blocks(of: size) {
      pass32.load(rows, scaled: scaled)
      var written = exact.mutableSpan
      residuals(rows, &written)
      var rounded = factors.mutableSpan
      for i in 0..<(rows.count * width) { rounded[i] = Float(written[i]) }
      var target = sum.mutableSpan
      pass32.addSums(factors.span, outputs: width, to: &target)
      for i in 0..<rows.count {
        for c in 0..<width { target[split + c] += factors[i * width + c] }
      }
    }
    return sum
  }

  /// The shard's part of Σᵢ costᵢ fᵢ (ℓ″ᵢ (V fᵢ + b(V)))ᵀ, the data's part of a Hessian product, in single precision
  /// and one pass, before unfolding.
  func multiplyByHessian(_ direction: FoldedWeights<Float>) -> [Float] {
    let problem = problem
    let k = problem.outputs
    let split = problem.weightCount
    let scaled = problem.design.scaledRows(outputs: k)
    let size = scaled == nil ? pass32.blockRows(outputs: k) : max(1, range.count)
    var sum = [Float](repeating: 0, count: split + k)
    var out = [Float](repeating: 0, count: size * k)
    for rows in blocks(of: size) {
      pass32.load(rows, scaled: scaled)
      var span = out.mutableSpan
      pass32.scores(direction, into: &span)
      var target = sum.mutableSpan
      for i in 0..<rows.count {
        let row = rows.lowerBound + i
        problem.loss.multiplyByHessian(
          state: state.span, at: (row - range.lowerBound) * k, scale: problem.costs[row], &span, at: i * k)
        for c in 0..<k { target[split + c] += span[i * k + c] }
      }
      pass32.addSums(out.span, outputs: k, to: &target)
    }
    return sum
  }

  /// Σ costᵢ ℓ(zᵢ + t vᵢ, yᵢ) and its derivatives in t, for each block.
  func alongLine(steps: [Double]) -> [LineSample] {
    let problem = problem
    let k = problem.outputs
    var totals = [LineSample](repeating: LineSample(), count: steps.count)
    // Moved out, so that it is written in place.
    var moved: [Double] = []
    if problem.loss.leavesStateAlongLine { swap(&moved, &dual) }
    var span = moved.mutableSpan
    for i in 0..<range.count {
      let cost = problem.costs[range.lowerBound + i]
      guard cost > 0 else { continue }
      problem.loss.addAlongLine(
        scores.span, lineScores.span, at: i * k, label: problem.labels[range.lowerBound + i], steps: steps,
        scale: cost, state: &span, to: &totals)
    }
    if problem.loss.leavesStateAlongLine { swap(&moved, &dual) }
    lineEnd = problem.loss.leavesStateAlongLine ? (steps, totals.reduce(0) { $0 + $1.value }) : nil
    return totals
  }

  /// The same for steps of 0.
  func lineStart(blocks: Int) -> [LineSample] {
    let problem = problem
    let k = problem.outputs
    var totals = [LineSample](repeating: LineSample(), count: blocks)
    for i in 0..<range.count {
      let cost = problem.costs[range.lowerBound + i]
      guard cost > 0 else { continue }
      problem.loss.addLineStart(
        scores.span, state: state.span, lineScores.span, at: i * k,
        label: problem.labels[range.lowerBound + i], scale: cost, to: &totals)
    }
    return totals
  }
}
