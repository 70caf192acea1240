// The predictions of the judged images, for other programs that look for wrong labels.

import Glibc

extension Audit {
  /// The probability of each class for each judged image, from scores of models that were not fitted to the image.
  package struct Predictions: Hashable, Sendable {
    /// The paths of the images, in list order.
    package let paths: [String]
    package let classNames: [String]
    /// The given labels, as indices of ``classNames``.
    package let labels: [Int]
    /// The probabilities, `[images, classes]`. The sum of each row is 1.
    package let probabilities: [Double]

    /// - Parameters:
    ///   - scores: the scores, `[images, classes]`, finite.
    ///   - sharpness: the factor β of the scores: the probabilities are softmax(β L).
    init(paths: [String], classNames: [String], labels: [Int], scores: [Float], sharpness: Double) {
      let k = classNames.count
      var probabilities: [Double] = []
      probabilities.reserveCapacity(scores.count)
      for start in stride(from: 0, to: scores.count, by: k) {
        let row = scores[start..<(start + k)]
        let largest = Double(row.max() ?? 0)
        let values = row.map { exp(sharpness * (Double($0) - largest)) }
        let sum = values.reduce(0, +)
        for value in values { probabilities.append(value / sum) }
      }
      self.paths = paths
      self.classNames = classNames
      self.labels = labels
      self.probabilities = probabilities
    }
  }
}
