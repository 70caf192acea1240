// Running a plan over pictures that are already preprocessed.

import TapBackbone

extension Plan {
  /// The rows of `pictures: [n, size, size, 3]`, in batches of the plan's size, each step split over `threads`.
  public func rows(_ pictures: [Float], threads: Int = 1) -> [Float] {
    let count = pictures.count / inputCount
    var rows: [Float] = []
    var arena = makeArena(threads: threads)
    for first in stride(from: 0, to: count, by: batch) {
      let images = min(batch, count - first)
      var part = [Float](repeating: 0, count: images * rowLength)
      var span = part.mutableSpan
      run(
        pictures.span.extracting((first * inputCount)..<((first + images) * inputCount)), count: images,
        arena: &arena, into: &span)
      rows += part
    }
    return rows
  }
}
