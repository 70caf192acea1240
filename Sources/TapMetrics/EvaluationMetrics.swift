// Every number that an evaluation reports, computed together from one set of predictions.

/// How well predictions fit the truth, as numbers.
///
/// Each equals scikit-learn's function of the same name, where that has one answer. Where it warns or
/// leaves the answer to the caller:
/// - a class that is never predicted has precision 0, one without items recall 0, one without either F1 0;
/// - ``balancedAccuracy`` is over the classes that occur among the labels, ``macroF1`` over those that
///   occur among labels or predictions: a class that the data lack is no mistake;
/// - among equal scores the first class comes first, in ``top`` as in the predictions themselves;
/// - ``top`` with as many classes asked for as there are is 1;
/// - ``logLoss`` and ``brierScore`` know all classes, also those that the labels lack;
/// - ``rocAUC`` and ``averagePrecision`` are over the classes that have items, and the first over those that have others
///   beside them too.
public struct EvaluationMetrics: Hashable, Sendable {
  /// How often the label is among the most likely classes.
  public struct TopAccuracy: Hashable, Sendable {
    /// How many classes count, from 1.
    public let k: Int
    /// Items whose label is among the `k` classes with the largest scores.
    public let accuracy: Proportion
  }

  /// Correct predictions of all.
  public let accuracy: Proportion
  /// What always saying the most frequent class would reach.
  public let majority: Proportion
  /// The mean recall of the classes that occur among the labels, in 0...1.
  public let balancedAccuracy: Double
  /// The mean F1 of the classes that occur among labels or predictions, in 0...1.
  public let macroF1: Double
  /// The mean F1 of the classes, weighted by their items, in 0...1.
  public let weightedF1: Double
  /// Precision, recall, F1 and support, one entry a class.
  public let classes: [ClassScores]
  /// True classes against predicted ones.
  public let confusion: ConfusionMatrix
  /// Nil if it was not asked for.
  public let top: TopAccuracy?
  /// How each class's probabilities, or margins, put its items before the others.
  public let rankings: [ClassificationMetrics.Ranking]
  /// The mean of -log p(label) in nats; nil where scores are no probabilities.
  public let logLoss: Double?
  /// The mean squared distance of probabilities from the truth; nil where scores are no probabilities.
  public let brierScore: Double?
  /// Predictions by their probability; nil where scores are no probabilities.
  public let reliability: Reliability?
  /// How sure the numbers are by resampling; nil if it was not asked for, or all items are of one group.
  public let bootstrap: BootstrapIntervals?

  /// The area under the ROC curve, one class against the rest, mean over classes; nil where there is but one class.
  public var rocAUC: Double? { rankings.macroROCAUC }
  /// The average precision, one class against the rest, mean over classes.
  public var averagePrecision: Double? { rankings.macroAveragePrecision }

  /// The `k` of ``top`` where nobody names one: 5 with more than five classes, else none, since the
  /// label is then always among them.
  public static func defaultTop(classCount: Int) -> Int? { classCount > 5 ? 5 : nil }

  /// Computes every number, in O(classes · items · log items), and the bootstrap's time.
  ///
  /// - Parameters:
  ///   - labels: `[items]`, in `0..<classCount`; at least one.
  ///   - predictions: `[items]`, in `0..<classCount`.
  ///   - scores: `[items, classCount]`, row-major; the larger, the more likely. Without NaN.
  ///   - probabilities: `[items, classCount]`, row-major, each row summing to 1; nil for margins.
  ///   - top: the `k` of ``top``, at least 1; nil leaves it out.
  ///   - resamples: of the bootstrap; 0 leaves it out.
  ///   - groups: a number for each item, of a group that is drawn as a whole for every interval; nil: items are independent.
  /// - Precondition: the counts fit together and the indices are in range.
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
