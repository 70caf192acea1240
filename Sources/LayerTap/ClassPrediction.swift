// The prediction of one image or one row of features.

import TapClassifier

/// The predicted class of an image, with the numbers behind it.
public struct ClassPrediction: Hashable, Sendable {
  /// One of the classifier's class names.
  public let className: String
  /// The class's probability, 0 to 1; its score, if the classifier gives no probabilities.
  public let confidence: Double
  /// In the order of the class names, summing to 1; nil for an SVM or a nearest mean without a calibration.
  public let probabilities: [Double]?
  /// In the order of the class names: logits, an SVM's margins, a nearest mean's similarities.
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
