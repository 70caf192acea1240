// The choice of a threshold, against its definition for every possible threshold.

import TapMetrics
import TestSupport
import Testing

@Suite struct ProbabilityThresholdTests {
  private let confidences = [0.9, 0.9, 0.8, 0.7, 0.6, 0.5, 0.5, 0.4, 0.3, 0.2]
  private let isRight = [true, true, true, false, true, true, false, false, true, false]

  /// The threshold, and the numbers of right images and of images of its part.
  private func choice(_ goal: ThresholdGoal) -> [Double]? {
    ProbabilityThreshold(goal, confidences: confidences, isRight: isRight)
      .map { [$0.leastProbability, Double($0.chosen.correct), Double($0.chosen.count)] }
  }

  @Test func aSmallExampleByHand() {
    // Right of the first n: 2 of 2, 3 of 3, 3 of 4, 4 of 5, 5 of 7, 5 of 8, 6 of 9, 6 of 10.
    #expect(choice(.precision(0.9)) == [0.8, 3, 3])
    #expect(choice(.precision(0.8)) == [0.6, 4, 5])
    #expect(choice(.precision(0.7)) == [0.5, 5, 7])
    #expect(choice(.precision(0)) == [0.2, 6, 10])
    #expect(choice(.coverage(0.1)) == [0.9, 2, 2])
    #expect(choice(.coverage(0.6)) == [0.5, 5, 7])
    #expect(choice(.coverage(0.7)) == [0.5, 5, 7])
    #expect(choice(.coverage(1)) == [0.2, 6, 10])
    // Costs with w = 3: 8, 7, 9, 8, 9, 11, 10, 12.
    #expect(choice(.errorCost(3)) == [0.8, 3, 3])
    // With w = 1: 8, 7, 7, 6, 5, 5, 4, 4, and the larger part of two equal costs.
    #expect(choice(.errorCost(1)) == [0.2, 6, 10])
  }

  @Test func aPrecisionOutOfReachGivesNoThreshold() {
    let none = ProbabilityThreshold(.precision(0.9), confidences: [0.9, 0.4], isRight: [false, true])
    #expect(none == nil)
    let half = ProbabilityThreshold(.precision(0.5), confidences: [0.9, 0.4], isRight: [false, true])
    #expect(half?.chosen.count == 2)
  }

  @Test func theTenthsAreTheSurestImages() throws {
    let threshold = try #require(
      ProbabilityThreshold(.coverage(0.5), confidences: confidences, isRight: isRight))
    #expect(threshold.images == 10 && threshold.tenths.map(\.count) == [10, 9, 8, 7, 7, 5, 4, 3, 2, 2])
    #expect(threshold.tenths.map(\.correct) == [6, 6, 5, 5, 5, 4, 3, 3, 2, 2])
    #expect(threshold.coverage == 0.5)
  }

  /// Every threshold is tried, with counts from the start.
  @Test func randomPredictionsGiveTheBestOfAllThresholds() {
    var numbers = XorShift(seed: 4)
    for _ in 0..<60 {
      let count = 1 + Int(40 * numbers.uniform())
      // Rounded, so that there are ties.
      let confidences = (0..<count).map { _ in (20 * numbers.uniform()).rounded() / 20 }
      let isRight = confidences.map { numbers.uniform() < $0 }
      func counts(_ least: Double) -> (count: Int, right: Int) {
        let accepted = (0..<count).filter { confidences[$0] >= least }
        return (accepted.count, accepted.count { isRight[$0] })
      }
      let all = Set(confidences).sorted()
      let wanted = 0.05 + 0.9 * numbers.uniform()
      let cost = 1 + 9 * numbers.uniform()
      func chosen(_ goal: ThresholdGoal) -> Double? {
        ProbabilityThreshold(goal, confidences: confidences, isRight: isRight)?.leastProbability
      }
      #expect(
        chosen(.precision(wanted)) == all.first { Double(counts($0).right) >= wanted * Double(counts($0).count) })
      #expect(chosen(.coverage(wanted)) == all.last { Double(counts($0).count) >= wanted * Double(count) })
      func total(_ least: Double) -> Double {
        let (accepted, right) = counts(least)
        return cost * Double(accepted - right) + Double(count - accepted)
      }
      #expect(chosen(.errorCost(cost)) == all.min { total($0) < total($1) })
    }
  }
}
