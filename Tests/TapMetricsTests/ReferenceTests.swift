// Compares every metric with scikit-learn and every interval with SciPy: see Tests/Reference/metrics/generate.py.

import FoundationEssentials
import TapMetrics
import TapTensors
import TestSupport
import Testing

struct ReferenceTests {
  struct Case: Decodable {
    let classCount: Int
    let labels: [Int]
    let predictions: [Int]
    let scores: [Double]
    let probabilities: [Double]
    let accuracy: Double
    let confusion: [Int]
    let precision: [Double]
    let recall: [Double]
    let f1: [Double]
    let support: [Int]
    let macroF1: Double
    let balancedAccuracy: Double
    let topK: [Double]
    let logLoss: Double
    let weightedF1: Double
    let aucs: [Double?]
    let averagePrecisions: [Double?]
    let macroAUC: Double?
    let macroAveragePrecision: Double?
    let brier: Double
    let binCounts: [Int]
    let binAccuracies: [Double]
    let binConfidences: [Double]
    let ece: Double
    let coverage: [[Double]]
  }

  struct Bootstrap: Decodable {
    let item: Int
    let seed: UInt64
    let resamples: Int
    let confidence: Double
    let lower: [Double]
    let upper: [Double]
  }

  struct Binomial: Decodable {
    let successes: Int
    let count: Int
    let lower: Double
    let upper: Double
  }

  struct Wilson: Decodable {
    let successes: Int
    let count: Int
    let confidence: Double
    let lower: Double
    let upper: Double
  }

  struct Reference: Decodable {
    let cases: [Case]
    let wilson: [Wilson]
    let bootstrap: [Bootstrap]
    let binomial: [Binomial]
  }

  let reference: Reference

  init() throws {
    let path = Repository.path("Tests/Reference/metrics/metrics.json")
    reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: URL(filePath: path)))
  }

  func expectClose(_ found: Double, _ expected: Double, tolerance: Double = 1e-14) {
    #expect(abs(found - expected) <= tolerance * max(1, abs(expected)))
  }

  @Test func metricsEqualScikitLearn() {
    #expect(reference.cases.count == 20)
    for item in reference.cases {
      let k = item.classCount
      let matrix = ConfusionMatrix(labels: item.labels, predictions: item.predictions, classCount: k)
      #expect(matrix.counts == item.confusion)
      #expect(matrix.total == item.labels.count)
      expectClose(matrix.accuracy.value, item.accuracy)
      let accuracy = ClassificationMetrics.accuracy(labels: item.labels, predictions: item.predictions)
      #expect(accuracy == matrix.accuracy)
      let scores = matrix.perClass
      #expect(scores.map(\.support) == item.support)
      for c in 0..<k {
        expectClose(scores[c].precision, item.precision[c])
        expectClose(scores[c].recall, item.recall[c])
        expectClose(scores[c].f1, item.f1[c])
      }
      expectClose(matrix.macroF1, item.macroF1)
      expectClose(matrix.balancedAccuracy, item.balancedAccuracy)
      expectClose(matrix.weightedF1, item.weightedF1)
      for n in 1...k + 1 {
        let top = ClassificationMetrics.topK(labels: item.labels, scores: item.scores, classCount: k, k: n)
        expectClose(top.value, item.topK[n - 1])
      }
      let logLoss = ClassificationMetrics.logLoss(
        labels: item.labels, probabilities: item.probabilities, classCount: k)
      expectClose(logLoss, item.logLoss, tolerance: 1e-12)
    }
  }

  func expectClose(_ found: Double?, _ expected: Double?) {
    #expect((found == nil) == (expected == nil))
    if let found, let expected { expectClose(found, expected) }
  }

  /// The cases include classes without items, a single class, ties of all scores, and probabilities of 0 and 1.
  @Test func rankingsEqualScikitLearn() {
    for item in reference.cases {
      let rankings = ClassificationMetrics.rankings(
        labels: item.labels, scores: item.probabilities, classCount: item.classCount)
      #expect(rankings.count == item.classCount && item.aucs.count == item.classCount)
      for (ranking, (auc, precision)) in zip(rankings, zip(item.aucs, item.averagePrecisions)) {
        expectClose(ranking.rocAUC, auc)
        expectClose(ranking.averagePrecision, precision)
      }
      let defined = item.aucs.compactMap(\.self)
      expectClose(
        rankings.macroROCAUC, defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count))
      if let macro = item.macroAUC { expectClose(rankings.macroROCAUC, macro) }
      if let macro = item.macroAveragePrecision { expectClose(rankings.macroAveragePrecision, macro) }
    }
  }

  /// The cases include ties of all probabilities and a single item.
  @Test func coverageEqualsNumPy() {
    for item in reference.cases {
      let metrics = EvaluationMetrics(
        labels: item.labels, predictions: item.predictions, scores: item.scores,
        probabilities: item.probabilities, classCount: item.classCount, top: nil)
      let parts = metrics.coverage ?? []
      #expect(parts.count == 10 && parts[0].accuracy == metrics.accuracy)
      for (part, expected) in zip(parts, item.coverage) {
        #expect([part.accuracy.count, part.accuracy.successes] == expected.prefix(2).map { Int($0) })
        #expect(part.leastProbability == expected[2])
      }
      #expect(parts.map(\.wanted) == [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
    }
  }

  @Test func brierScoreAndReliabilityEqualScikitLearn() {
    for item in reference.cases {
      let metrics = EvaluationMetrics(
        labels: item.labels, predictions: item.predictions, scores: item.scores,
        probabilities: item.probabilities, classCount: item.classCount, top: nil)
      expectClose(metrics.brierScore, item.brier)
      expectClose(metrics.reliability?.expectedCalibrationError, item.ece)
      let bins = metrics.reliability?.bins ?? []
      #expect(bins.map(\.accuracy.count) == item.binCounts)
      let filled = bins.filter { $0.accuracy.count > 0 }
      for (bin, (accuracy, confidence)) in zip(filled, zip(item.binAccuracies, item.binConfidences)) {
        expectClose(bin.accuracy.value, accuracy)
        expectClose(bin.confidence, confidence)
        #expect(bin.lower <= bin.confidence && bin.confidence <= bin.upper + 1e-15)
      }
    }
  }

  @Test func edgesOfBinsBelongBelow() {
    let reliability = Reliability(
      confidences: [0, 0.2, 0.25, 0.5, 0.75, 1], isRight: [true, true, false, false, true, true], binCount: 4)
    #expect(reliability.bins.map(\.accuracy.count) == [3, 1, 1, 1])
    #expect(Reliability(confidences: [], isRight: []).expectedCalibrationError.isNaN)
  }

  @Test func bootstrapIntervalsAreThoseOfTheSameDrawsInPython() {
    for boot in reference.bootstrap {
      let item = reference.cases[boot.item]
      let intervals = BootstrapIntervals(
        labels: item.labels, predictions: item.predictions, classCount: item.classCount,
        resamples: boot.resamples, confidence: boot.confidence, seed: boot.seed)
      let found = [
        intervals.accuracy, intervals.balancedAccuracy, intervals.macroF1, intervals.weightedF1,
      ]
      for (index, interval) in found.enumerated() {
        expectClose(interval.lower, boot.lower[index])
        expectClose(interval.upper, boot.upper[index])
      }
    }
  }

  /// If all items of a class are right, the bootstrap shows no uncertainty. No interval may be narrower than Wilson's.
  @Test func aClassThatIsAllRightIsNotCertain() {
    for count in [3, 5, 12, 200] {
      let labels = (0..<2 * count).map { $0 % 2 }
      let intervals = BootstrapIntervals(labels: labels, predictions: labels, classCount: 2, resamples: 50)
      let wilson = Proportion(successes: 2 * count, count: 2 * count).interval()
      #expect(intervals.accuracy == wilson)
      for interval in [intervals.balancedAccuracy, intervals.macroF1, intervals.weightedF1] {
        #expect(interval.upper == 1 && interval.lower <= (1 + wilson.lower) / 2, "\(interval) \(wilson)")
      }
      #expect(intervals.balancedAccuracy.lower <= wilson.lower + 1e-12)
    }
  }

  /// One class has twelve items, which are right 19 times of 20. The other class has 60 items, which are right 4 times
  /// of 5. The interval of the balanced accuracy contains the mean of these two shares about as often as its level
  /// says. Without the addition from Wilson's interval, the interval contained this mean in 84 % of the cases.
  @Test func theIntervalOfABalancedAccuracyCoversIt() {
    var generator = SeededGenerator(seed: 11)
    var covered = 0
    for seed in 0..<400 {
      let labels = (0..<72).map { $0 < 12 ? 0 : 1 }
      let predictions = labels.map { label in
        generator.next(below: 100) < (label == 0 ? 95 : 80) ? label : 1 - label
      }
      let found = BootstrapIntervals(
        labels: labels, predictions: predictions, classCount: 2, resamples: 200, seed: UInt64(seed)
      ).balancedAccuracy
      if found.lower <= 0.875, 0.875 <= found.upper { covered += 1 }
    }
    #expect(covered >= 368, "\(covered) of 400")
  }

  /// The bootstrap distribution of an accuracy tends to a binomial distribution. With 4,000 resamples, a quantile is
  /// off by at most 2 items.
  @Test func theBootstrapOfAnAccuracyIsBinomial() {
    for binomial in reference.binomial {
      let labels = (0..<binomial.count).map { $0 < binomial.successes ? 0 : 1 }
      let intervals = BootstrapIntervals(
        labels: labels, predictions: labels.map { _ in 0 }, classCount: 2, resamples: 4000)
      let tolerance = 2.01 / Double(binomial.count)
      #expect(abs(intervals.accuracy.lower - binomial.lower) <= tolerance)
      #expect(abs(intervals.accuracy.upper - binomial.upper) <= tolerance)
    }
  }

  @Test func allTogetherAreTheSameNumbers() {
    for item in reference.cases {
      let metrics = EvaluationMetrics(
        labels: item.labels, predictions: item.predictions, scores: item.scores,
        probabilities: item.probabilities, classCount: item.classCount, top: 2)
      let confusion = ConfusionMatrix(
        labels: item.labels, predictions: item.predictions, classCount: item.classCount)
      #expect(metrics.confusion == confusion && metrics.classes == confusion.perClass)
      #expect(metrics.accuracy == confusion.accuracy)
      #expect(metrics.balancedAccuracy == confusion.balancedAccuracy && metrics.macroF1 == confusion.macroF1)
      #expect(metrics.top?.k == 2)
      if let top = metrics.top { expectClose(top.accuracy.value, item.topK[1]) }
      if let logLoss = metrics.logLoss { expectClose(logLoss, item.logLoss, tolerance: 1e-12) }
      #expect(metrics.logLoss != nil)
      #expect(metrics.weightedF1 == confusion.weightedF1 && metrics.bootstrap == nil)
    }
  }

  @Test func marginsHaveNoLogLossAndTopIsLeftOutUnlessAsked() {
    let metrics = EvaluationMetrics(
      labels: [0, 1], predictions: [0, 0], scores: [2, -1, 1, -3], probabilities: nil, classCount: 2, top: nil
    )
    #expect(metrics.logLoss == nil && metrics.brierScore == nil && metrics.reliability == nil)
    #expect(metrics.top == nil && metrics.rocAUC == 0 && metrics.averagePrecision == 0.5)
    #expect(metrics.majority == Proportion(successes: 1, count: 2))
    #expect(EvaluationMetrics.defaultTop(classCount: 5) == nil)
    #expect(EvaluationMetrics.defaultTop(classCount: 6) == 5)
  }

  @Test func wilsonIntervalsEqualSciPy() {
    for item in reference.wilson {
      let interval = Proportion(successes: item.successes, count: item.count)
        .interval(confidence: item.confidence)
      expectClose(interval.lower, item.lower, tolerance: 1e-13)
      expectClose(interval.upper, item.upper, tolerance: 1e-13)
    }
  }

  @Test func topOneIsAccuracyEvenWithTies() {
    let labels = [0, 1, 0]
    let scores = [1.0, 1, 1, 1, 2, 2]
    // In a tie the first class is predicted, so the predictions are 0, 0, 0.
    let top = ClassificationMetrics.topK(labels: labels, scores: scores, classCount: 2, k: 1)
    #expect(top == Proportion(successes: 2, count: 3))
    #expect(ClassificationMetrics.topK(labels: labels, scores: scores, classCount: 2, k: 2).value == 1)
  }

  @Test func majorityRateCountsTheLargestClass() {
    let rate = ClassificationMetrics.majorityRate(labels: [2, 2, 0, 1, 2], classCount: 4)
    #expect(rate == Proportion(successes: 3, count: 5))
  }

  @Test func noItemsAreNoNumber() {
    let none = Proportion(successes: 0, count: 0)
    #expect(none.value.isNaN)
    #expect(none.interval() == ConfidenceInterval(lower: 0, upper: 1))
    let matrix = ConfusionMatrix(labels: [], predictions: [], classCount: 3)
    #expect(matrix.macroF1.isNaN && matrix.balancedAccuracy.isNaN && matrix.accuracy.value.isNaN)
    #expect(ClassificationMetrics.majorityRate(labels: [], classCount: 3) == none)
    #expect(ClassificationMetrics.logLoss(labels: [], probabilities: [], classCount: 3).isNaN)
  }
}
