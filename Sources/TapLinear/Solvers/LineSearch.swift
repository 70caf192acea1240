// Steps along a descent direction of a convex function. The derivatives of this function along the line must be cheap.

/// Safeguarded Newton on the derivative φ′(t), from t = 1. All blocks are searched at once.
///
/// A full step is taken if hardly any other step is better: |φ′(1)| ≤ 0.3 |φ′(0)| and φ(1) ≤ φ(0). Otherwise t moves to
/// the zero of φ′, in a bracket given by the sign of φ′. The search stops when two conditions hold: |φ′(t)| ≤ 0.1
/// |φ′(0)|, and one more Newton step would lower φ by at most a twentieth of the decrease so far. By convexity, the
/// value φ(t) at such a point is lower than φ(0).
struct LineSearch {
  var maximumTrials = 30
  /// The maximum number of further trials after an acceptable point.
  private static let mostRefinements = 3

  /// The bracket and the state of one block.
  private struct Block {
    var step = 1.0
    var low = 0.0
    var high = Double.infinity
    /// The value φ at `low`.
    var lowValue: Double
    /// The number of trials after an acceptable point.
    var refinements = 0
    var isDone = false
  }

  /// One step for each block. The step is 0 for a block that no step lowers in double precision. Returns nil if all
  /// steps are 0.
  func steps(from start: [LineSample], _ sample: ([Double]) -> [LineSample]) -> [Double]? {
    var blocks = start.map { Block(lowValue: $0.value) }
    for index in blocks.indices where !(start[index].slope < 0) {
      blocks[index].step = 0
      blocks[index].isDone = true
    }
    for trial in 0..<maximumTrials {
      if blocks.allSatisfy(\.isDone) { break }
      let here = sample(blocks.map(\.step))
      for index in blocks.indices where !blocks[index].isDone {
        advance(&blocks[index], from: start[index], to: here[index], isFirst: trial == 0)
      }
    }
    for index in blocks.indices where !blocks[index].isDone {
      let isLower = blocks[index].low > 0 && blocks[index].lowValue < start[index].value
      blocks[index].step = isLower ? blocks[index].low : 0
    }
    let steps = blocks.map(\.step)
    return steps.contains { $0 != 0 } ? steps : nil
  }

  private func advance(_ block: inout Block, from start: LineSample, to here: LineSample, isFirst: Bool) {
    // Near the minimum, φ changes by less than its rounding error, but φ′ is still different from 0.
    let slack = 4e-15 * abs(start.value)
    let fraction = abs(here.slope) / -start.slope
    if here.value <= start.value + slack && fraction <= (isFirst ? 0.3 : 0.1) {
      let rest = 0.5 * here.slope * here.slope / here.curvature
      let isLow = rest <= max(0.05 * (start.value - here.value), 1e-9 * abs(start.value))
      if isFirst || isLow || block.refinements == Self.mostRefinements {
        block.isDone = true
        return
      }
      block.refinements += 1
    }
    if here.value.isFinite && here.slope.isFinite && here.slope < 0 {
      (block.low, block.lowValue) = (block.step, here.value)
    } else {
      block.high = block.step
    }
    var next = block.step - here.slope / here.curvature
    if !next.isFinite || next <= block.low || next >= block.high {
      next = block.high.isFinite ? 0.5 * (block.low + block.high) : 2 * block.step
    }
    block.step = next
  }
}
