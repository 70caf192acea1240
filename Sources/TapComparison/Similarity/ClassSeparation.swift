// The separation of classes in a layer, without a classifier.

import TapTensors

extension SimilarityColumn {
  /// The class separation: 1 minus the mean cosine distance of two images of a class, divided by the mean cosine
  /// distance of two images. Every class counts the same. It is 1 if the images of a class have the same direction, and
  /// near 0 if classes do not matter. Nil if all images have the same direction.
  ///
  /// Source: Kornblith, Chen, Lee and Norouzi, "Why Do Better Loss Functions Lead to Less Transferable Features?"
  /// (2021), section 3.4. A pair may consist of an image and itself, as there.
  ///
  /// - Parameter classes: the class of each image, from 0; nil for an image without a class, which is left out. Every
  ///   class from 0 to the largest has an image.
  package func classSeparation(_ classes: [Int?]) -> Double? {
    let count = (classes.compactMap(\.self).max() ?? -1) + 1
    guard count > 1 else { return nil }
    var sums = [[Double]](repeating: [Double](repeating: 0, count: dimensions), count: count)
    var sizes = [Double](repeating: 0, count: count)
    for (image, label) in classes.enumerated() {
      guard let label else { continue }
      let values = matrix.row(rows[image])
      var square = 0.0
      for column in 0..<dimensions { square += Double(values[column]) * Double(values[column]) }
      let scale = square > 0 ? 1 / square.squareRoot() : 0
      for column in 0..<dimensions { sums[label][column] += Double(values[column]) * scale }
      sizes[label] += 1
    }
    var mean = [Double](repeating: 0, count: dimensions)
    var within = 0.0
    for label in 0..<count {
      var square = 0.0
      for column in 0..<dimensions {
        let value = sums[label][column] / sizes[label]
        square += value * value
        mean[column] += value / Double(count)
      }
      within += (1 - square) / Double(count)
    }
    let total = 1 - mean.reduce(0) { $0 + $1 * $1 }
    return total > 0 ? 1 - within / total : nil
  }
}
