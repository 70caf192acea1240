// A shard: the consecutive rows that one piece of parallel work owns, with their scores and scratch memory. Threads
// work on different shards and share nothing that is written. The number of shards depends on the problem's shape
// only and their sums are added in order, so results do not depend on the number of threads.

import TapKernels

/// The mutable state of one run of rows. Only one thread at a time touches a shard.
final class Shard<Loss: PointwiseLoss>: @unchecked Sendable {
  var problem: LinearProblem<Loss>
  let range: Range<Int>

  /// z: `[rows, outputs]`, at the current parameters, with the offsets.
  var scores: [Double]
  /// What is added to the model's own scores; empty for nothing.
  var offsets: [Double] = []
  /// What the loss keeps of each row (for the softmax, q).
  var state: [Double]
  /// F δᵀ + b(δ): the scores' change along the direction that is being searched.
  var lineScores: [Double]
  /// Rows of a dual point (for the softmax, p).
  var dual: [Double]

  /// The shard's part of a sum over rows: `[…, columns]`, then the part of the appended feature.
  var partial: [Double] = []
  var partial32: [Float] = []
  /// The shard's part of a single sum, and of a function along a line.
  var number = 0.0
  var samples: [LineSample] = []
  private var block: [Double] = []
  private var block32: [Float] = []

  init(_ problem: LinearProblem<Loss>, range: Range<Int>) {
    self.problem = problem
    self.range = range
    let count = range.count * problem.outputs
    self.scores = [Double](repeating: 0, count: count)
    self.state = scores
    self.lineScores = scores
    self.dual = scores
  }

  /// The model's scores, without offsets.
  var ownScores: [Double] {
    if offsets.isEmpty { return scores }
    var own = scores
    for i in own.indices { own[i] -= offsets[i] }
    return own
  }

  /// Runs over the shard's blocks of rows: the block's rows of F, and its rows counted from the shard's start.
  func forEachBlock(_ body: (Span<Double>, Range<Int>) -> Void) {
    let problem = problem
    let size = problem.blockRows * problem.columns
    if block.count != size { block = [Double](repeating: 0, count: size) }
    for start in stride(from: range.lowerBound, to: range.upperBound, by: problem.blockRows) {
      let rows = start..<min(start + problem.blockRows, range.upperBound)
      var span = block.mutableSpan
      problem.design.fill(&span, rows: rows)
      body(block.span, (rows.lowerBound - range.lowerBound)..<(rows.upperBound - range.lowerBound))
    }
  }

  func forEachBlock32(_ body: (Span<Float>, Range<Int>) -> Void) {
    let problem = problem
    let size = problem.blockRows * problem.columns
    if block32.count != size { block32 = [Float](repeating: 0, count: size) }
    for start in stride(from: range.lowerBound, to: range.upperBound, by: problem.blockRows) {
      let rows = start..<min(start + problem.blockRows, range.upperBound)
      var span = block32.mutableSpan
      problem.design.fill(&span, rows: rows)
      body(block32.span, (rows.lowerBound - range.lowerBound)..<(rows.upperBound - range.lowerBound))
    }
  }

  /// F Wᵀ + B βᵀ for the shard's rows, in double precision.
  func forward(_ parameters: [Double]) -> [Double] {
    let problem = problem
    let (k, d) = (problem.outputs, problem.columns)
    let feature = problem.intercept.featureValue
    var result = [Double](repeating: 0, count: range.count * k)
    var out = [Double](repeating: 0, count: problem.blockRows * k)
    forEachBlock { block, rows in
      var span = out.mutableSpan
      problem.product.multiply(
        ProductShape(rows: rows.count, columns: k, depth: d), block, parameters.span, transposeB: true,
        into: &span)
      for i in 0..<rows.count {
        for c in 0..<k {
          result[(rows.lowerBound + i) * k + c] = out[i * k + c] + feature * parameters[k * d + c]
        }
      }
    }
    return result
  }

  /// Σᵢ rᵢ fᵢᵀ for `columns` residuals a row, `residuals: [rows, width]`: `[width, columns]`, then the appended
  /// feature's `width` sums, left in `partial`.
  func backward(_ residuals: [Double], width: Int) {
    let problem = problem
    let d = problem.columns
    let feature = problem.intercept.featureValue
    var sum = [Double](repeating: 0, count: width * d)
    var tail = [Double](repeating: 0, count: width)
    forEachBlock { block, rows in
      var span = sum.mutableSpan
      problem.product.multiply(
        ProductShape(rows: width, columns: d, depth: rows.count),
        residuals.span.extracting((rows.lowerBound * width)..<(rows.upperBound * width)), transposeA: true,
        block,
        into: &span, adding: true)
    }
    for i in 0..<range.count {
      for c in 0..<width { tail[c] += feature * residuals[i * width + c] }
    }
    partial = sum + tail
  }

  /// Σᵢ costᵢ fᵢ (ℓ″ᵢ (V fᵢ + b(V)))ᵀ, the data's part of a Hessian product, in single precision and one pass.
  func multiplyByHessian(_ direction: [Float]) {
    let problem = problem
    let (k, d) = (problem.outputs, problem.columns)
    let feature = Float(problem.intercept.featureValue)
    var sum = [Float](repeating: 0, count: k * d + k)
    var out = [Float](repeating: 0, count: problem.blockRows * k)
    forEachBlock32 { block, rows in
      var span = out.mutableSpan
      problem.product.multiply(
        ProductShape(rows: rows.count, columns: k, depth: d), block, direction.span, transposeB: true,
        into: &span)
      for i in 0..<rows.count {
        for c in 0..<k { span[i * k + c] += feature * direction[k * d + c] }
        let row = rows.lowerBound + i
        problem.loss.multiplyByHessian(
          state: state.span, at: row * k, scale: problem.costs[range.lowerBound + row], &span, at: i * k)
      }
      var target = sum.mutableSpan
      problem.product.multiply(
        ProductShape(rows: k, columns: d, depth: rows.count), out.span, transposeA: true, block,
        into: &target,
        adding: true)
      for i in 0..<rows.count {
        for c in 0..<k { target[k * d + c] += feature * out[i * k + c] }
      }
    }
    partial32 = sum
  }

  /// Σᵢ costᵢ diag(ℓ″ᵢ) fᵢ², the data's part of the Hessian's diagonal, in single precision.
  func hessianDiagonal() {
    let problem = problem
    let (k, d) = (problem.outputs, problem.columns)
    let feature = Float(problem.intercept.featureValue)
    var sum = [Float](repeating: 0, count: k * d + k)
    var out = [Float](repeating: 0, count: problem.blockRows * k)
    var squares = [Float](repeating: 0, count: problem.blockRows * d)
    forEachBlock32 { block, rows in
      for i in 0..<(rows.count * d) { squares[i] = block[i] * block[i] }
      var span = out.mutableSpan
      for i in 0..<rows.count {
        let row = rows.lowerBound + i
        problem.loss.hessianDiagonal(
          state: state.span, at: row * k, scale: problem.costs[range.lowerBound + row], into: &span, at: i * k
        )
      }
      var target = sum.mutableSpan
      problem.product.multiply(
        ProductShape(rows: k, columns: d, depth: rows.count), out.span, transposeA: true, squares.span,
        into: &target, adding: true)
      for i in 0..<rows.count {
        for c in 0..<k { target[k * d + c] += feature * feature * out[i * k + c] }
      }
    }
    partial32 = sum
  }

  /// Σ costᵢ ℓ(zᵢ + t vᵢ, yᵢ) and its derivatives in t, for each block.
  func alongLine(steps: [Double]) -> [LineSample] {
    let problem = problem
    let k = problem.outputs
    var totals = [LineSample](repeating: LineSample(), count: steps.count)
    for i in 0..<range.count {
      let cost = problem.costs[range.lowerBound + i]
      guard cost > 0 else { continue }
      problem.loss.addAlongLine(
        scores.span, lineScores.span, at: i * k, label: problem.labels[range.lowerBound + i], steps: steps,
        scale: cost, to: &totals)
    }
    return totals
  }
}
