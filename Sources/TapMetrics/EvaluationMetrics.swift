// Every number that an evaluation reports, computed together from one set of predictions.

/// The metrics of predictions.
///
/// Each equals scikit-learn's function of the same name, if that has a single answer. If it warns or leaves the answer
/// to the caller:
/// - a class that is never predicted has precision 0, one without items recall 0, one without either F1 0;
/// - ``balancedAccuracy`` is over the classes that occur among the labels, ``macroF1`` over those that occur among
///   labels or predictions: a class that is absent from the data is not a mistake;
/// - in a tie the first class comes first, in ``top`` as in the predictions themselves;
/// - ``top`` is 1 if it counts all classes;
/// - ``logLoss`` and ``brierScore`` cover all classes, also those that the labels lack;
/// - ``rocAUC`` and ``averagePrecision`` are over the classes that have items; ``rocAUC`` also needs items of other
///   classes.
public struct EvaluationMetrics: Hashable, Sendable {
  /// How often the label is among the most likely classes.
  public struct TopAccuracy: Hashable, Sendable {
    /// The number of classes that count, from 1.
    public let k: Int
    /// Items whose label is among the `k` classes with the largest scores.
    public let accuracy: Proportion
  }

  /// The share of correct predictions.
  public let accuracy: Proportion
  /// The accuracy of always predicting the most frequent class.
  public let majority: Proportion
  /// The mean recall of the classes that occur among the labels, in 0...1.
  public let balancedAccuracy: Double
  /// The mean F1 of the classes that occur among labels or predictions, in 0...1.
  public let macroF1: Double
  /// The mean F1 of the classes, weighted by their items, in 0...1.
  public let weightedF1: Double
  /// Precision, recall, F1 and support, one entry for each class.
  public let classes: [ClassScores]
  /// True classes against predicted classes.
  public let confusion: ConfusionMatrix
  /// Nil if not requested.
  public let top: TopAccuracy?
  /// How each class's probabilities, or margins, rank its items before the others.
  public let rankings: [ClassificationMetrics.Ranking]
  /// The mean of -log p(label) in nats; nil if scores are not probabilities.
  public let logLoss: Double?
  /// The mean squared distance of probabilities from the truth; nil if scores are not probabilities.
  public let brierScore: Double?
  /// Predictions by their probability; nil if scores are not probabilities.
  public let reliability: Reliability?
  /// The uncertainty of the numbers by resampling; nil if not requested, or if all items are of one group.
  public let bootstrap: BootstrapIntervals?

  /// The area under the ROC curve, one-versus-rest, mean over classes; nil if there is only one class.
  public var rocAUC: Double? { rankings.macroROCAUC }
  /// The average precision, one-versus-rest, mean over classes.
  public var averagePrecision: Double? { rankings.macroAveragePrecision }

  /// The default `k` of ``top``: 5 with more than five classes; else none, because the label is then always among them.
  public static func defaultTop(classCount: Int) -> Int? { classCount > 5 ? 5 : nil }

  /// Computes every number, in O(classes · items · log items) plus the bootstrap's time.
  ///
  /// - Parameters:
  ///   - labels: `[items]`, in `0..<classCount`; at least one.
  ///   - predictions: `[items]`, in `0..<classCount`.
  ///   - scores: `[items, classCount]`, row-major; larger is more likely. Without NaN.
  ///   - probabilities: `[items, classCount]`, row-major, each row summing to 1; nil for margins.
  ///   - top: the `k` of ``top``, at least 1; nil leaves it out.
  ///   - resamples: the number of the bootstrap's resamples; 0 leaves it out.
  ///   - groups: a number for each item, that of a group drawn as a whole for every interval; nil for independent
  ///     items.
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
    reliability = probabilities.map { probabilities in
      Reliability(
        confidences: predictions.enumerated().map { min(1, probabilities[$0 * classCount + $1]) },
        isRight: zip(labels, predictions).map { $0 == $1 })
    }
    bootstrap =
      resamples == 0 || groups.map { Set($0).count < 2 } ?? false
      ? nil
      : BootstrapIntervals(
        labels: labels, predictions: predictions, classCount: classCount, resamples: resamples,
        groups: groups)
  }
}
