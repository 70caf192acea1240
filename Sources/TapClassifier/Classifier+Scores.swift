// Scores, probabilities and predictions of feature vectors. In double precision and in fixed order, so
// that a file read back predicts exactly what was reported when it was written.

import Glibc
import TapKernels
import TapLinear
import TapTensors

extension Classifier {
  /// `weights x + bias` of one raw feature vector, divided by its norm where rows are normalized: `[classes]`. A NaN in
  /// the vector gives NaN scores.
  ///
  /// - Precondition: `features.count == dimensions`.
  public func scores(_ features: Span<Float>) -> [Double] {
    precondition(features.count == dimensions, "\(features.count) features, expected \(dimensions)")
    let weights = weights.span
    let factor = normalizesRows ? RowNormalization.inverseNorm(features) : 1
    var scores: [Double] = []
    scores.reserveCapacity(bias.count)
    for c in bias.indices {
      // Four chains, so that the additions overlap; added up in fixed order.
      let start = c * dimensions
      var sums = SIMD4<Double>()
      var j = 0
      while j + 4 <= dimensions {
        let w = SIMD4(
          weights[start + j], weights[start + j + 1], weights[start + j + 2], weights[start + j + 3])
        let x = SIMD4(features[j], features[j + 1], features[j + 2], features[j + 3])
        sums += SIMD4<Double>(w) * SIMD4<Double>(x)
        j += 4
      }
      var sum = (sums[0] + sums[1]) + (sums[2] + sums[3])
      while j < dimensions {
        sum += Double(weights[start + j]) * Double(features[j])
        j += 1
      }
      scores.append(Double(bias[c]) + factor * sum)
    }
    return scores
  }

  /// The scores of every row: `[rows, classes]`.
  ///
  /// - Parameter features: `[n, dimensions]`, raw.
  /// - Throws: ``ClassifierError/dimensions(expected:found:)``.
  public func scores(_ features: MatrixView) throws(ClassifierError) -> [Double] {
    guard features.columns == dimensions else {
      throw .dimensions(expected: dimensions, found: features.columns)
    }
    var all: [Double] = []
    all.reserveCapacity(features.rows * classNames.count)
    for row in 0..<features.rows { all += features.withRow(row) { scores($0) } }
    return all
  }

  /// The kind of the scores.
  public var kind: ClassifierKind { training.classifier }

  /// The kind of ``Prediction/confidence``: with a calibration every model gives probabilities, like a logistic
  /// regression.
  public var confidenceKind: ClassifierKind { calibration == nil ? kind : .logistic }

  /// The probabilities of one vector's classes: the softmax of its scores, their sigmoids divided by the sum for one
  /// class against the rest, or what the calibration makes of them, `[classes]`, summing to 1. Nil for an SVM or a
  /// nearest mean without one, whose scores are margins or similarities.
  public func probabilities(scores: [Double]) -> [Double]? {
    if let calibration { return calibration.probabilities(scores: scores) }
    return kind == .logistic ? training.multiClass.probabilities(scores: scores) : nil
  }

  /// The values compared for the prediction: the scores, or the probabilities of sigmoids, whose order may differ. Then
  /// the most probable class
  /// is the prediction, as in scikit-learn.
  public func deciding(scores: [Double]) -> [Double] {
    if case .platt(_)? = calibration, let probabilities = probabilities(scores: scores) {
      return probabilities
    }
    return scores
  }

  /// exp(z) / Σ exp(z), without overflow.
  public static func softmax(_ scores: [Double]) -> [Double] {
    let largest = scores.max() ?? 0
    let powers = scores.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// The class with the largest score; among ties the first one.
  public static func prediction(scores: [Double]) -> Int {
    var best = 0
    for c in scores.indices where scores[c] > scores[best] { best = c }
    return best
  }

  /// A class and how sure the classifier is of it.
  public struct Prediction: Hashable, Sendable {
    /// One of ``Classifier/classNames``.
    public let className: String
    /// A probability in 0...1, those of all classes summing to 1; of an SVM the margin, of a nearest mean the
    /// similarity.
    public let confidence: Double
  }

  /// All classes, the prediction first, by falling score or, with sigmoids, probability; of equals the first class
  /// first, as everywhere.
  ///
  /// - Parameter scores: of one vector, `[classes]`.
  public func ranking(scores: [Double]) -> [Prediction] {
    precondition(scores.count == classNames.count, "\(scores.count) scores, \(classNames.count) classes")
    let confidences = probabilities(scores: scores) ?? scores
    let deciding = deciding(scores: scores)
    return scores.indices.sorted { (deciding[$0], $1) > (deciding[$1], $0) }
      .map { Prediction(className: classNames[$0], confidence: confidences[$0]) }
  }
}
