// Scores, probabilities and predictions of feature vectors. The computation is in double precision and in a fixed
// order. So a classifier that is read from its file predicts exactly what was reported when the file was written.

import Glibc
import TapKernels
import TapLinear
import TapTensors

extension Classifier {
  /// The scores `weights x + bias` of one raw feature vector, `[classes]`. The vector is divided by its norm if
  /// ``normalizesRows`` is true. A NaN in the vector makes its scores NaN.
  ///
  /// - Precondition: `features.count == dimensions`.
  public func scores(_ features: Span<Float>) -> [Double] {
    precondition(features.count == dimensions, "\(features.count) features, expected \(dimensions)")
    let weights = weights.span
    let factor = normalizesRows ? RowNormalization.inverseNorm(features) : 1
    var scores: [Double] = []
    scores.reserveCapacity(bias.count)
    for c in bias.indices {
      // Four partial sums, so that additions overlap. The partial sums are added in a fixed order.
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
  /// - Parameter features: the raw features, `[n, dimensions]`.
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

  /// The kind of the classifier, which defines the meaning of the scores.
  public var kind: ClassifierKind { training.classifier }

  /// The kind of ``Prediction/confidence``. With a calibration, every model gives probabilities, like a logistic
  /// regression.
  public var confidenceKind: ClassifierKind { calibration == nil ? kind : .logistic }

  /// The probabilities of the classes, `[classes]`, for the scores of one vector. The sum of the probabilities is 1. If
  /// there is a calibration, it converts the scores. Without a calibration, a multinomial logistic regression uses the
  /// softmax of the scores. A one-versus-rest logistic regression uses the sigmoids of the scores, divided by their
  /// sum. The result is nil for an SVM or a nearest mean without a calibration.
  public func probabilities(scores: [Double]) -> [Double]? {
    if let calibration { return calibration.probabilities(scores: scores) }
    return kind == .logistic ? training.multiClass.probabilities(scores: scores) : nil
  }

  /// The values that decide the prediction: the class with the largest value is predicted. With a calibration by
  /// sigmoids, these values are the probabilities, as in scikit-learn. The order of the probabilities may differ from
  /// the order of the scores. Otherwise the values are the scores.
  public func deciding(scores: [Double]) -> [Double] {
    if case .platt(_)? = calibration, let probabilities = probabilities(scores: scores) {
      return probabilities
    }
    return scores
  }

  /// The softmax exp(z) / Σ exp(z), computed without overflow.
  public static func softmax(_ scores: [Double]) -> [Double] {
    let largest = scores.max() ?? 0
    let powers = scores.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// The class with the largest score. If several classes have the largest score, the first of these classes is
  /// returned.
  public static func prediction(scores: [Double]) -> Int {
    var best = 0
    for c in scores.indices where scores[c] > scores[best] { best = c }
    return best
  }

  /// A class and the classifier's confidence in this class.
  public struct Prediction: Hashable, Sendable {
    /// The name of the class, an element of ``Classifier/classNames``.
    public let className: String
    /// A probability in 0...1; the sum over all classes is 1. Without a calibration, the confidence of an SVM is the
    /// margin, and the confidence of a nearest mean is the similarity.
    public let confidence: Double
  }

  /// All classes by descending score, so that the prediction is first. With a calibration by sigmoids, the classes are
  /// sorted by probability. Classes with equal values keep their order.
  ///
  /// - Parameter scores: the scores of one vector, `[classes]`.
  public func ranking(scores: [Double]) -> [Prediction] {
    precondition(scores.count == classNames.count, "\(scores.count) scores, \(classNames.count) classes")
    let confidences = probabilities(scores: scores) ?? scores
    let deciding = deciding(scores: scores)
    return scores.indices.sorted { (deciding[$0], $1) > (deciding[$1], $0) }
      .map { Prediction(className: classNames[$0], confidence: confidences[$0]) }
  }
}
