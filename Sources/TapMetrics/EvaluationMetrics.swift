// All metrics that an evaluation reports. They are computed together from one set of predictions.

/// All metrics of a set of predictions.
///
/// Each metric equals scikit-learn's function of the same name, if that function has a single answer. For some inputs,
/// scikit-learn warns or lets the caller choose. The rules for these inputs are:
/// - A class that is never predicted has precision 0. A class without items has recall 0. A class without items and
///   predictions has F1 0.
/// - ``balancedAccuracy`` is the mean over the classes that occur among the labels. ``macroF1`` is the mean over the
///   classes that occur among labels or predictions. A class that is absent from the data is not a mistake.
/// - In a tie, the class with the smallest index comes first, both in ``top`` and in the predictions.
/// - ``top`` is 1 if its `k` is the number of classes.
/// - ``logLoss`` and ``brierScore`` cover all classes, including those without items.
/// - ``rocAUC`` and ``averagePrecision`` are means over the classes that have items. ``rocAUC`` also needs items of
///   other classes.
public struct EvaluationMetrics: Hashable, Sendable {
  /// How often an item's label is among the most likely classes.
  public struct TopAccuracy: Hashable, Sendable {
    /// The number of most likely classes that count as correct, at least 1.
    public let k: Int
    /// The share of items whose label is among the `k` classes with the largest scores.
    public let accuracy: Proportion
  }

  /// The share of correct predictions.
  public let accuracy: Proportion
  /// The accuracy of a model that always predicts the most frequent class.
  public let majority: Proportion
  /// The mean recall of the classes that occur among the labels, in 0...1.
  public let balancedAccuracy: Double
  /// The mean F1 of the classes that occur among labels or predictions, in 0...1.
  public let macroF1: Double
  /// The mean F1 of the classes, weighted by their number of items, in 0...1.
  public let weightedF1: Double
  /// Precision, recall, F1 and support of each class.
  public let classes: [ClassScores]
  /// Counts of items by actual and predicted class.
  public let confusion: ConfusionMatrix
  /// The top-k accuracy; nil if it was not requested.
  public let top: TopAccuracy?
  /// For each class, how well its probabilities or margins rank its items before the other items.
  public let rankings: [ClassificationMetrics.Ranking]
  /// The mean of -log p(label), in nats; nil if scores are not probabilities.
  public let logLoss: Double?
  /// The mean squared distance of probabilities from the true class; nil if scores are not probabilities.
  public let brierScore: Double?
  /// Predictions grouped by their probability; nil if scores are not probabilities.
  public let reliability: Reliability?
  /// The accuracy of the surest predictions, from all predictions to a tenth; nil if scores are not probabilities.
  public let coverage: [Coverage]?
  /// Bootstrap intervals of the accuracy, the balanced accuracy and the mean F1s; nil if they were not requested, or if
  /// all items are in a single group.
  public let bootstrap: BootstrapIntervals?

  /// The area under the ROC curve: one-versus-rest, mean over classes; nil if only one class has items.
  public var rocAUC: Double? { rankings.macroROCAUC }
  /// The average precision: one-versus-rest, mean over classes.
  public var averagePrecision: Double? { rankings.macroAveragePrecision }

  /// The default `k` of ``top``: 5 for more than five classes. Otherwise nil, because the label is always among 5
  /// classes.
  public static func defaultTop(classCount: Int) -> Int? { classCount > 5 ? 5 : nil }

  /// Computes every number. The time is O(classes · items · log items) plus the time of the bootstrap.
  ///
  /// - Parameters:
  ///   - labels: `[items]`, in `0..<classCount`. At least one item is required.
  ///   - predictions: `[items]`, in `0..<classCount`.
  ///   - scores: `[items, classCount]`, row-major, without NaN. A class with a larger score is more likely.
  ///   - probabilities: `[items, classCount]`, row-major; nil for margins. Each row sums to 1.
  ///   - top: the `k` of ``top``, at least 1. If nil, ``top`` is nil.
  ///   - resamples: the number of the bootstrap's resamples. If 0, ``bootstrap`` is nil.
  ///   - groups: the number of each item's group; nil if items are independent. Groups are drawn as a whole for every
  ///     interval.
  /// - Precondition: the counts match and the indices are in range.
  public init(
    labels: [Int], predictions: [Int], scores: [Double], probabilities: [Double]?, classCount: Int,
    top: Int?, resamples: Int = 0, groups: [Int]? = nil
  ) {
    precondition(!labels.isEmpty, "metrics of no items")
    confusion = ConfusionMatrix(labels: labels, predictions: predictions, classCount: classCount)
    accuracy = ClassificationMetrics.accuracy(labels: labels, predictions: predictions, groups: groups)
    majority = ClassificationMetrics.majorityRate(labels: labels, classCount: classCount)
    balancedAccuracy = confusion.balancedAccuracy
    macroF1 = confusion.macroF1
    weightedF1 = confusion.weightedF1
    classes = confusion.perClass
    self.top = top.map { k in
      TopAccuracy(
        k: k,
        accuracy: ClassificationMetrics.topK(
          labels: labels, scores: scores, classCount: classCount, k: k, groups: groups))
    }
    rankings = ClassificationMetrics.rankings(
      labels: labels, scores: probabilities ?? scores, classCount: classCount)
    logLoss = probabilities.map {
      ClassificationMetrics.logLoss(labels: labels, probabilities: $0, classCount: classCount)
    }
    brierScore = probabilities.map {
      ClassificationMetrics.brierScore(labels: labels, probabilities: $0, classCount: classCount)
    }
    let isRight = zip(labels, predictions).map { $0 == $1 }
    let confidences = probabilities.map { probabilities in
      predictions.enumerated().map { min(1, probabilities[$0 * classCount + $1]) }
    }
    reliability = confidences.map { Reliability(confidences: $0, isRight: isRight) }
    coverage = confidences.map { Coverage.tenths(confidences: $0, isRight: isRight, groups: groups) }
    bootstrap =
      resamples == 0 || groups.map { Set($0).count < 2 } ?? false
      ? nil
      : BootstrapIntervals(
        labels: labels, predictions: predictions, classCount: classCount, resamples: resamples,
        groups: groups)
  }
}
