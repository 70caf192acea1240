// The prediction of one image or one row of features.

import TapClassifier

/// The predicted class of an image, with the probabilities and scores that led to it.
public struct ClassPrediction: Hashable, Sendable {
  /// The name of the predicted class.
  public let className: String
  /// The predicted class's probability, 0 to 1. If the classifier gives no probabilities, this is the predicted class's
  /// score.
  public let confidence: Double
  /// The probability of each class, in the order of the class names; their sum is 1.
  ///
  /// An SVM or a nearest mean without a calibration has no probabilities; the value is then nil.
  public let probabilities: [Double]?
  /// The score of each class, in the order of the class names: a logit, an SVM's margin or a nearest mean's similarity.
  public let scores: [Double]

  init(_ scores: [Double], by classifier: Classifier) {
    let index = Classifier.prediction(scores: classifier.deciding(scores: scores))
    className = classifier.classNames[index]
    probabilities = classifier.probabilities(scores: scores)
    confidence = (probabilities ?? scores)[index]
    self.scores = scores
  }

  init(logits: [Double], classNames: [String]) {
    let (index, softmax) = (Classifier.prediction(scores: logits), Classifier.softmax(logits))
    className = classNames[index]
    confidence = softmax[index]
    probabilities = softmax
    scores = logits
  }
}
