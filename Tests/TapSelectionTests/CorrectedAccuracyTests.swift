// Corrected accuracies against plain loops in Python (see Tests/Reference/selection/generate_corrected.py), and on
// noise.

import FoundationEssentials
import TapLinear
import TapMetrics
import TapSelection
import TapTensors
import TestSupport
import Testing

@Suite struct CorrectedAccuracyTests {
  private struct Extension: Decodable {
    let models: [Int]
    let extended: Int
    let rivals: [Int]
  }

  private struct Case: Decodable {
    let labels: [Int]
    let predictions: [[Int]]
    let best: Int
    let accuracy: Double
    let criterion: String
    let classCount: Int
    let groups: [Int]?
    let isCrossValidated: Bool
    let resamples: Int
    let extensions: [Extension]?
    let value: Double
    let lower: Double
    let upper: Double

    func corrected(threads: Int) throws -> CorrectedAccuracy {
      CorrectedAccuracy(
        labels: labels, predictions: predictions, best: best, accuracy: accuracy,
        criterion: try #require(SelectionCriterion(rawValue: criterion)), classCount: classCount,
        groups: groups, isCrossValidated: isCrossValidated,
        extensions: (extensions ?? []).map {
          ModelExtension(
            models: $0.models[0]..<$0.models[0] + $0.models.count, extended: $0.extended, rivals: $0.rivals)
        }, resamples: resamples, threads: threads)
    }
  }

  @Test func numbersAreThoseOfPython() throws {
    let path = Repository.path("Tests/Reference/selection/corrected.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(filePath: path)))
    #expect(cases.count == 10 && cases.count { $0.extensions != nil } == 2)
    for item in cases {
      let found = try item.corrected(threads: 1)
      #expect(abs(found.value - item.value) <= 1e-12, "\(item.criterion)")
      #expect(abs(found.interval.lower - item.lower) <= 1e-9, "\(item.criterion)")
      #expect(abs(found.interval.upper - item.upper) <= 1e-9, "\(item.criterion)")
      #expect(try found == item.corrected(threads: 3))
    }
  }

  /// A model that is far better than all others is not chosen by luck, so its accuracy stays the same.
  @Test func aClearChoiceIsNotCorrected() {
    let labels = (0..<200).map { $0 % 2 }
    let good = labels.enumerated().map { $0 % 20 == 0 ? 1 - $1 : $1 }
    let bad = labels.enumerated().map { $0 % 3 == 0 ? 1 - $1 : $1 }
    let found = CorrectedAccuracy(
      labels: labels, predictions: [bad, good, bad], best: 1, accuracy: 0.95, criterion: .accuracy,
      classCount: 2, groups: nil, isCrossValidated: false, threads: 2)
    let own = Proportion(successes: 190, count: 200).interval()
    #expect(found.value == 0.95)
    #expect(abs(found.interval.lower - own.lower) < 1e-9 && abs(found.interval.upper - own.upper) < 1e-9)
  }

  /// On noise, the accuracy of the best of 50 columns is far above chance, and the corrected interval covers chance in
  /// about 95 % of the sets.
  @Test(arguments: Noise.models)
  func theIntervalCoversChanceOnNoise(name: String, model: LinearModel) throws {
    let sets = TestData.runsLongTests ? 1000 : 100
    var (covered, coveredAsChosen, sum) = (0, 0, 0.0)
    for set in 0..<sets {
      let noise = try Noise(set, model)
      let corrected = CorrectedAccuracy(
        labels: noise.labels, predictions: noise.predictions, best: noise.best,
        accuracy: noise.accuracy.value, criterion: .accuracy, classCount: 2, groups: nil,
        isCrossValidated: true, threads: 2)
      covered += corrected.interval.lower <= 0.5 && 0.5 <= corrected.interval.upper ? 1 : 0
      coveredAsChosen += noise.accuracy.interval().lower <= 0.5 ? 1 : 0
      sum += corrected.value
    }
    let share = Double(covered) / Double(sets)
    let bounds = TestData.runsLongTests ? 0.93...0.97 : 0.9...0.99
    #expect(bounds.contains(share), "\(name): \(covered) of \(sets), as chosen \(coveredAsChosen), sum \(sum)")
    #expect(Double(coveredAsChosen) / Double(sets) < 0.5)
    #expect(abs(sum / Double(sets) - 0.5) < 0.015)
  }
}

/// Fifty columns of noise for 100 rows of two classes, judged by cross-validation.
private struct Noise {
  static let models: [(String, LinearModel)] =
    [("nearest mean", .nearestMean(NearestMean()))]
    + (TestData.runsLongTests ? [("logistic", .logistic(LogisticRegression(c: 1)))] : [])

  private(set) var labels: [Int] = []
  private(set) var predictions: [[Int]] = []
  private(set) var best = 0
  private(set) var accuracy = Proportion(successes: 0, count: 1)

  init(_ set: Int, _ model: LinearModel) throws {
    var numbers = XorShift(seed: UInt64(set + 1))
    let classes = (0..<100).map { $0 % 2 }
    let search = RegularizationSearch(model: model, candidates: [1], folds: 5, seed: UInt64(set))
    var selections: [Selection] = []
    for _ in 0..<50 {
      let elements = (0..<100 * 16).map { _ in Float(numbers.normal()) }
      selections.append(
        try search.crossValidation(
          MatrixView(rows: 100, columns: 16, elements: elements), labels: classes, classCount: 2))
    }
    labels = selections[0].heldOut.map { classes[$0] }
    predictions = selections.map(\.predictions)
    let accuracies = selections.map(\.chosen.accuracy)
    for index in accuracies.indices where accuracies[index].successes > accuracies[best].successes { best = index }
    accuracy = accuracies[best]
  }
}
