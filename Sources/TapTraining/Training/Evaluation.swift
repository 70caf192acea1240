// The results of a classifier on labeled items, usually items that the training did not use.

import TapClassifier
import TapFeatures
import TapFileSystem
import TapLinear
import TapMetrics
import TapTensors

/// A classifier's predictions and the true classes.
public struct Evaluation: Sendable {
  /// The names of the classes, in the order of class indices.
  public let classNames: [String]
  /// The classified items, in list order.
  public let items: [LabeledFeatures.Item]
  /// The true class of each item.
  public let labels: [Int]
  /// The class with the largest score, for each item.
  public let predictions: [Int]
  /// The kind of the confidences. The confidences of a calibrated model are probabilities, like those of a logistic
  /// regression.
  public let kind: ClassifierKind
  /// The values that the prediction compares, `[items, classes]`, row-major: scores, or the probabilities of a model
  /// that is calibrated by sigmoids.
  public let scores: [Double]
  /// The probabilities, `[items, classes]`; nil if the scores are margins or similarities and there is no calibration.
  public let probabilities: [Double]?
  /// Whether the training used each item, according to the keys that the classifier keeps. The value is nil if the
  /// classifier has no keys, or if its keys are of images and the items are rows, or the reverse.
  public let isSeen: [Bool]?
  /// The probability of the predicted class. For an SVM or a nearest mean without a calibration, this is the score of
  /// the predicted class.
  public let confidences: [Double]

  /// Evaluates a classifier on the labeled items among `indices`.
  ///
  /// - Parameter features: the matrix of the classifier's column.
  /// - Throws: ``TrainingError/unknownClasses(_:known:)``, ``TrainingError/nothingToEvaluate``,
  ///   ``TrainingError/notFinite(path:column:value:)``, ``TrainingError/classifier(_:)``.
  public init(
    _ classifier: Classifier, on data: LabeledFeatures, features: MatrixView, indices: [Int]
  ) throws(TrainingError) {
    let items = indices.map { data.items[$0] }.filter { $0.image.label != nil }
    try Self.requireKnown(items.map(\.image.label), by: classifier)
    guard features.columns == classifier.dimensions else {
      throw .classifier(.dimensions(expected: classifier.dimensions, found: features.columns))
    }
    var predictions: [Int] = []
    var confidences: [Double] = []
    var allScores: [Double] = []
    var allProbabilities: [Double]? = classifier.confidenceKind == .logistic ? [] : nil
    for item in items {
      let scores = features.withRow(item.row) { classifier.scores($0) }
      // A row of NaN scores belongs to no class, but the rule for ties would give the row the first class.
      guard scores.allSatisfy(\.isFinite) else { throw .notFinite(item.image.path, features, row: item.row) }
      let deciding = classifier.deciding(scores: scores)
      let best = Classifier.prediction(scores: deciding)
      let probabilities = classifier.probabilities(scores: scores)
      predictions.append(best)
      confidences.append((probabilities ?? scores)[best])
      allScores += deciding
      if let probabilities { allProbabilities?.append(contentsOf: probabilities) }
    }
    let source = data.identity == nil ? SeenKeys.Source.rows : .images
    isSeen = classifier.seen.flatMap { seen in
      seen.source == source ? items.map { seen.contains($0.contentHash) } : nil
    }
    kind = classifier.confidenceKind
    scores = allScores
    probabilities = allProbabilities
    classNames = classifier.classNames
    self.items = items
    labels = items.images.classIndices(classifier.classNames)
    self.predictions = predictions
    self.confidences = confidences
  }

  /// Throws an error if there are no labels, or if the classifier does not know one of the labels. Both conditions can
  /// be checked before features are computed.
  ///
  /// - Throws: ``TrainingError/unknownClasses(_:known:)``, ``TrainingError/nothingToEvaluate``.
  package static func requireKnown(
    _ labels: [String?], by classifier: Classifier
  ) throws(TrainingError) {
    let names = labels.compactMap(\.self).sortedByBytes
    guard !names.isEmpty else { throw .nothingToEvaluate }
    let known = Set(classifier.classNames.map(ByteKey.init))
    let unknown = names.filter { !known.contains(ByteKey($0)) }
    guard unknown.isEmpty else { throw .unknownClasses(unknown, known: classifier.classNames) }
  }

  /// The number of correct predictions among all items.
  public var accuracy: Proportion {
    ClassificationMetrics.accuracy(
      labels: labels, predictions: predictions, groups: items.images.groupIndices)
  }

  /// The number of correct predictions among the items of one class.
  package func recall(of label: Int) -> Proportion {
    let own = labels.indices.filter { labels[$0] == label }
    let groups = items.images.groupIndices
    return Proportion(
      own.map { predictions[$0] == label }, groups: groups.map { groups in own.map { groups[$0] } })
  }

  /// The accuracy of always predicting the most frequent class.
  public var majority: Proportion {
    ClassificationMetrics.majorityRate(labels: labels, classCount: classNames.count)
  }

  /// The confusion matrix of true classes and predicted classes.
  public var confusion: ConfusionMatrix {
    ConfusionMatrix(labels: labels, predictions: predictions, classCount: classNames.count)
  }

  /// All metrics at once. Each call computes them again.
  ///
  /// - Parameters:
  ///   - top: the number k of classes for the top-k accuracy, at least 1. Nil stands for 5 if there are more than five
  ///     classes; otherwise the top-k accuracy is left out.
  ///   - resamples: the number of bootstrap resamples; 0 leaves out the bootstrap, and nil stands for
  ///     ``defaultResamples``.
  public func metrics(top: Int? = nil, resamples: Int? = 0) -> EvaluationMetrics {
    EvaluationMetrics(
      labels: labels, predictions: predictions, scores: scores, probabilities: probabilities,
      classCount: classNames.count, top: top ?? EvaluationMetrics.defaultTop(classCount: classNames.count),
      resamples: resamples ?? defaultResamples, groups: items.images.groupIndices)
  }

  /// The default number of resamples: 1,000, or fewer if there are more than 100,000 items, but at least 100. So the
  /// bootstrap takes a second or two.
  public var defaultResamples: Int { min(1000, max(100, 100_000_000 / max(1, items.count))) }
}
