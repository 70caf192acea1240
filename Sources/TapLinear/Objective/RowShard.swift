// A shard: the consecutive rows that one piece of parallel work owns, with their scores and scratch memory. Threads
// work on different shards and never write to shared memory. The number of shards depends only on the shape of the
// problem, and the sums of the shards are added in order. So results do not depend on the number of threads.

import TapKernels

/// The mutable state of one range of consecutive rows. Only one thread at a time uses a shard.
final class RowShard<Loss: PointwiseLoss>: @unchecked Sendable {
  var problem: LinearProblem<Loss>
  let range: Range<Int>

  /// The scores z at the current parameters, `[rows, outputs]`, including the offsets.
  var scores: [Double]
  /// The offsets added to the model's own scores; empty if there are no offsets.
  var offsets: [Double] = []
  /// The state that the loss keeps for each row. The softmax keeps the probabilities q.
  var state: [Double]
  /// The change of the scores along the current search direction δ: F δᵀ + b(δ). Here b(δ) is the part of the appended
  /// feature.
  var lineScores: [Double]
  /// The last steps along the search direction, and the value at these steps, if the loss stores its state in `dual`;
  /// nil once the scores have changed.
  var lineEnd: (steps: [Double], value: Double)?
  /// The dual rows, which form a dual point. For the softmax these rows are the probabilities p. During a line search
  /// this array may hold the state of the loss at the last steps.
  var dual: [Double]

  /// The shard's part of a result that has elements for each row, or of a sum over rows.
  var partial: [Double] = []
  var partial32: [Float] = []
  /// The shard's part of a single sum. `samples` is the shard's part of a function along a line.
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

  /// Writes the scores of the shard's rows, `[rows, outputs]`, into an array of the shard, in double precision.
  func forward(
    _ weights: FoldedWeights<Double>, into target: ReferenceWritableKeyPath<RowShard, [Double]>
  ) {
    let k = problem.outputs
    let size = pass.blockRows(outputs: k)
    lineEnd = nil
    // Moving the array out of the shard allows writing in place.
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

  /// Writes the scores of the shard's rows, `[rows, outputs]`, into an array of the shard. The scores are computed in
  /// single precision.
  func forward(_ weights: FoldedWeights<Float>, into target: ReferenceWritableKeyPath<RowShard, [Double]>) {
    let k = problem.outputs
    let scaled = problem.design.scaledRows(outputs: k)
    let size = pass32.blockRows(outputs: k)
    lineEnd = nil
    // Moving the array out of the shard allows writing in place.
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

  /// Sets the scores to 0, the scores of parameters that are all 0.
  func clearScores() { scores = [Double](repeating: 0, count: scores.count) }

  /// The shard's part of the sum Σᵢ rᵢ fᵢᵀ, `[width, columns]`, followed by its part of Σᵢ rᵢ. ``DesignMatrix`` has not
  /// yet unfolded the sums.
  ///
  /// - Parameter residuals: a function that writes the residuals r of a range of rows, `[rows, width]`.
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

  /// The sums of ``backward(width:_:)``, computed in single precision.
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

  /// The shard's part of Σᵢ costᵢ fᵢ (ℓ″ᵢ (V fᵢ + b(V)))ᵀ, which is the part of a Hessian product that depends on the
  /// data. Here b(V) is the part of the appended feature. One pass in single precision computes this part.
  /// ``DesignMatrix`` has not yet unfolded the sums.
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

  /// For each block, the loss Σ costᵢ ℓ(zᵢ + t vᵢ, yᵢ) and its derivatives in t.
  func alongLine(steps: [Double]) -> [LineSample] {
    let problem = problem
    let k = problem.outputs
    var totals = [LineSample](repeating: LineSample(), count: steps.count)
    // Moving the array out of the shard allows writing in place.
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

  /// For each block, the loss and its derivatives along the search direction at a step of 0.
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
