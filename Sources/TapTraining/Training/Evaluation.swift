// The results of a classifier on labeled items that it was not trained on.

import TapClassifier
import TapFeatures
import TapFileSystem
import TapLinear
import TapMetrics
import TapTensors

/// A classifier's predictions and the true classes.
public struct Evaluation: Sendable {
  /// In the order of class indices.
  public let classNames: [String]
  /// The classified items, in list order.
  public let items: [LabeledFeatures.Item]
  /// The true class of each item.
  public let labels: [Int]
  /// The class with the largest score.
  public let predictions: [Int]
  /// The kind of the confidences: those of a calibrated model are probabilities, like a logistic regression's.
  public let kind: ClassifierKind
  /// The values compared for the prediction, `[items, classes]`, row-major: scores, or the probabilities of a
  /// calibrated SVM.
  public let scores: [Double]
  /// The probabilities, `[items, classes]`; nil if scores are margins or similarities without a calibration.
  public let probabilities: [Double]?
  /// Whether the training used each item, by the keys that the classifier keeps. Nil if that is not known: the
  /// classifier has no keys, or it keeps keys of rows and the items are images, or the other way round.
  public let isSeen: [Bool]?
  /// The probability of the predicted class; for an SVM or a nearest mean without a calibration, its score.
  public let confidences: [Double]

  /// Evaluates on the labeled items among `indices`.
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
      // A row of NaN scores belongs to no class, yet the rule for ties would give it the first class.
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

  /// Throws an error if there are no labels or the classifier lacks one of them: both can be checked before features
  /// are computed.
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

  /// Correct predictions, of all items.
  public var accuracy: Proportion {
    ClassificationMetrics.accuracy(
      labels: labels, predictions: predictions, groups: items.images.groupIndices)
  }

  /// Correct predictions, of a class's items.
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

  /// True classes against predicted classes.
  public var confusion: ConfusionMatrix {
    ConfusionMatrix(labels: labels, predictions: predictions, classCount: classNames.count)
  }

  /// Every metric at once, computed anew at each call.
  ///
  /// - Parameters:
  ///   - top: the number of classes that count for top-k accuracy, at least 1; nil is 5 with more than five classes,
  ///     else top-k is left out.
  ///   - resamples: the number of bootstrap resamples; 0 leaves the bootstrap out, nil is ``defaultResamples``.
  public func metrics(top: Int? = nil, resamples: Int? = 0) -> EvaluationMetrics {
    EvaluationMetrics(
      labels: labels, predictions: predictions, scores: scores, probabilities: probabilities,
      classCount: classNames.count, top: top ?? EvaluationMetrics.defaultTop(classCount: classNames.count),
      resamples: resamples ?? defaultResamples, groups: items.images.groupIndices)
  }

  /// 1,000 resamples; fewer if there are more than 100,000 items, so that they take a second or two; at least 100.
  public var defaultResamples: Int { min(1000, max(100, 100_000_000 / max(1, items.count))) }
}
