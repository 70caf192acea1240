// Runs a plan over images that are already preprocessed.

import TapBackbone

extension Plan {
  /// The rows of `images: [n, size, size, 3]`, computed in batches of the plan's size. The threads share each step.
  public func rows(_ images: [Float], threads: Int = 1) -> [Float] {
    let count = images.count / inputCount
    var rows: [Float] = []
    var arena = makeArena(threads: threads)
    for first in stride(from: 0, to: count, by: batch) {
      let part = min(batch, count - first)
      var found = [Float](repeating: 0, count: part * rowLength)
      var span = found.mutableSpan
      run(
        images.span.extracting((first * inputCount)..<((first + part) * inputCount)), count: part,
        arena: &arena, into: &span)
      rows += found
    }
    return rows
  }
}
