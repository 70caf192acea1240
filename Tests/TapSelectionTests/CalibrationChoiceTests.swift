// `--calibrate auto` chooses the method that is best on rows on which it was not fitted.

import Glibc
import TapLinear
import TapMetrics
import TapSelection
import TapTensors
import TestSupport
import Testing

struct CalibrationChoiceTests {
  /// Labels, noisy scores for them, and the fold of each row, of which there are five.
  private func scores(
    rows: Int, classes: Int, sureness: Double, noise: Double, seed: UInt64, tilted: Bool = false
  ) -> (scores: [Double], labels: [Int], folds: [Int]) {
    var generator = SeededGenerator(seed: seed)
    func uniform() -> Double { Double(generator.next() >> 11) / 9_007_199_254_740_992 }
    func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
    var (scores, labels): ([Double], [Int]) = ([], [])
    for _ in 0..<rows {
      let label = generator.next(below: classes)
      labels.append(label)
      for c in 0..<classes {
        let score = sureness * ((c == label ? 2 : 0) + noise * normal())
        scores.append(tilted ? (c % 2 == 0 ? 8 * score + 5 : 0.25 * score - 2) : score)
      }
    }
    return (scores, labels, (0..<rows).map { $0 % 5 })
  }

  private func chosen(
    _ kind: ClassifierKind, _ multiClass: MultiClass, _ classes: Int,
    _ data: (scores: [Double], labels: [Int], folds: [Int])
  ) -> Calibration? {
    CalibrationMethod.automatic.chosen(
      for: kind, multiClass, scores: data.scores, labels: data.labels, classCount: classes, folds: data.folds)
  }

  /// The log loss on new rows.
  private func loss(
    _ calibration: Calibration?, _ multiClass: MultiClass, _ classes: Int,
    _ data: (scores: [Double], labels: [Int], folds: [Int])
  ) -> Double {
    let probabilities = data.labels.indices.flatMap { row in
      let own = Array(data.scores[row * classes..<(row + 1) * classes])
      return calibration?.probabilities(scores: own) ?? multiClass.probabilities(scores: own)
    }
    return ClassificationMetrics.logLoss(
      labels: data.labels, probabilities: probabilities, classCount: classes)
  }

  /// If many classes have few rows each, the rows do not suffice for a sigmoid for each class. If a few classes have
  /// scores of different scales, they do.
  @Test func theBetterOfTheTwoIsTaken() {
    let many = scores(rows: 400, classes: 99, sureness: 1, noise: 0.6, seed: 1)
    let found = chosen(.svm, .oneVersusRest, 99, many)
    guard case .temperature? = found else {
      Issue.record("\(String(describing: found))")
      return
    }
    let unseen = scores(rows: 3000, classes: 99, sureness: 1, noise: 0.6, seed: 2)
    let platt = Calibration.fittedPlatt(margins: many.scores, labels: many.labels, classCount: 99)
    #expect(loss(found, .oneVersusRest, 99, unseen) < loss(platt, .oneVersusRest, 99, unseen))

    let tilted = scores(rows: 900, classes: 4, sureness: 1, noise: 0.7, seed: 3, tilted: true)
    guard case .platt? = chosen(.svm, .oneVersusRest, 4, tilted) else {
      Issue.record("no sigmoids")
      return
    }
  }

  /// The softmax of these scores gives the true probabilities. On few rows no calibration is better, so mostly none is
  /// chosen. For overconfident scores, one is chosen.
  @Test func noneIsTakenWhereNothingIsBetter() {
    func drawn(_ rows: Int, seed: UInt64) -> (scores: [Double], labels: [Int], folds: [Int]) {
      var generator = SeededGenerator(seed: seed)
      func uniform() -> Double { Double(generator.next() >> 11) / 9_007_199_254_740_992 }
      var (scores, labels): ([Double], [Int]) = ([], [])
      for _ in 0..<rows {
        let own = (0..<3).map { _ in 3 * uniform() }
        var draw = uniform() * own.reduce(0) { $0 + exp($1) }
        let label = own.firstIndex { value in
          draw -= exp(value)
          return draw < 0
        }
        scores += own
        labels.append(label ?? 2)
      }
      return (scores, labels, (0..<rows).map { $0 % 5 })
    }
    let unseen = drawn(4000, seed: 1000)
    var (kept, ours, always) = (0, 0.0, 0.0)
    for seed in 0..<20 {
      let data = drawn(30, seed: UInt64(seed))
      let found = chosen(.logistic, .multinomial, 3, data)
      let fitted = Calibration.fittedTemperature(scores: data.scores, labels: data.labels, classCount: 3)
      #expect(found == nil || found == fitted)
      if found == nil { kept += 1 }
      ours += loss(found, .multinomial, 3, unseen)
      always += loss(fitted, .multinomial, 3, unseen)
      let sure = (scores: data.scores.map { 20 * $0 }, labels: data.labels, folds: data.folds)
      #expect(chosen(.logistic, .multinomial, 3, sure) != nil)
      // A nearest mean has no probabilities without a calibration, so the calibration is always chosen.
      #expect(chosen(.nearestMean, .multinomial, 3, data) == fitted)
    }
    #expect(kept >= 5 && ours <= always, "\(kept) kept, \(ours / 20) and \(always / 20)")
  }
}
