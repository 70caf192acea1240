import TapMetrics
import Testing

/// Compares intervals of items in groups with the exact result of draws of whole groups.
@Suite struct GroupedIntervalTests {
  /// The groups have equal sizes, and each is right or wrong as a whole. The share of right groups in a draw is then
  /// binomial, so the quantiles are known exactly.
  @Test(arguments: [(40, 28, 5), (100, 20, 3), (25, 20, 12)])
  func groupsThatAreAlikeAreBinomial(groups: Int, right: Int, size: Int) {
    let members = (0..<groups * size).map { $0 % groups }
    let share = Proportion(members.map { $0 < right }, groups: members)
    #expect(share.successes == right * size && share.resampled?.groups == groups)
    let interval = share.interval()
    let p = Double(right) / Double(groups)
    var (cumulative, lower, upper) = (0.0, groups, groups)
    var term = 1.0
    for _ in 0..<groups { term *= 1 - p }
    for k in 0...groups {
      if cumulative < 0.025, cumulative + term >= 0.025 { lower = k }
      if cumulative < 0.975, cumulative + term >= 0.975 { upper = k }
      cumulative += term
      term *= Double(groups - k) / Double(k + 1) * p / (1 - p)
    }
    // With a thousand draws, a limit may be off by one group, but not by more.
    #expect(abs(interval.lower * Double(groups) - Double(lower)) <= 1.01, "\(interval), \(lower)")
    #expect(abs(interval.upper * Double(groups) - Double(upper)) <= 1.01, "\(interval), \(upper)")
    // Wilson's interval, which assumes independent items, is far narrower.
    let wilson = Proportion(successes: right * size, count: groups * size).interval()
    #expect(interval.upper - interval.lower > 1.3 * (wilson.upper - wilson.lower))
  }

  @Test func groupsOfOneItemAreItems() {
    let labels = (0..<60).map { $0 % 3 }
    let predictions = (0..<60).map { $0 % 5 == 0 ? ($0 + 1) % 3 : $0 % 3 }
    let alone = BootstrapIntervals(
      labels: labels, predictions: predictions, classCount: 3, groups: Array(100..<160))
    let items = BootstrapIntervals(labels: labels, predictions: predictions, classCount: 3)
    #expect(alone.accuracy == items.accuracy && alone.macroF1 == items.macroF1)
    #expect(alone.balancedAccuracy == items.balancedAccuracy && alone.weightedF1 == items.weightedF1)
    #expect(alone.groups == 60 && items.groups == nil)
    let accuracy = ClassificationMetrics.accuracy(
      labels: labels, predictions: predictions, groups: Array(0..<60))
    #expect(accuracy.interval() == items.accuracy)
  }

  @Test func whatNoDrawChangesIsWilsonsOfTheGroups() {
    let groups = (0..<30).map { $0 / 3 }
    #expect(
      Proportion([Bool](repeating: true, count: 30), groups: groups).interval()
        == Proportion(successes: 10, count: 10).interval())
    #expect(
      Proportion([Bool](repeating: false, count: 30), groups: groups).interval()
        == Proportion(successes: 0, count: 10).interval())
    let one = Proportion((0..<30).map { $0 < 20 }, groups: [Int](repeating: 7, count: 30)).interval()
    #expect(one == ConfidenceInterval(lower: 0, upper: 1))
    #expect(Proportion([true, false], groups: nil) == Proportion(successes: 1, count: 2))
    let metrics = EvaluationMetrics(
      labels: [0, 1, 1, 0], predictions: [0, 1, 0, 0], scores: [1, 0, 0, 1, 1, 0, 1, 0], probabilities: nil,
      classCount: 2, top: 1,
      resamples: 100, groups: [0, 0, 0, 0])
    #expect(metrics.bootstrap == nil && metrics.accuracy.resampled?.groups == 1)
  }
}
