// Compares the search with its definition, which the tests follow with plain fits.

import TapLinear
import TapMetrics
import TapSelection
import TapTensors
import TestSupport
import Testing

struct RegularizationSearchTests {
  /// Rows of three overlapping classes in five dimensions, from a fixed generator.
  static func clouds(rows: Int) -> (features: MatrixView, labels: [Int]) {
    var numbers = Congruential(state: 12345)
    func uniform() -> Double { numbers.uniform() }
    var elements: [Float] = []
    var labels: [Int] = []
    for row in 0..<rows {
      let label = row % 3
      labels.append(label)
      for j in 0..<5 {
        let noise = uniform() + uniform() + uniform() + uniform() - 2
        elements.append(Float((j == label ? 1.2 : 0) + 1.5 * noise))
      }
    }
    return (MatrixView(rows: rows, columns: 5, elements: elements), labels)
  }

  let grid = [1e-3, 0.01, 0.1, 1, 10]
  let settings = LinearModel.logistic(LogisticRegression(tolerance: 1e-10, threads: 2))

  @Test func crossValidationIsFitsOnFolds() throws {
    let (features, labels) = Self.clouds(rows: 90)
    var search = RegularizationSearch(
      model: settings, candidates: grid.reversed(), patience: nil, folds: 4, seed: 2)
    search.searchTolerance = 1e-10
    let found = try search.crossValidated(features, labels: labels, classCount: 3)
    #expect(found.selection.method == .crossValidation(folds: 4))
    #expect(found.selection.candidates.map(\.c) == grid)
    let splits = try Splits.stratifiedFolds(labels: labels, classCount: 3, folds: 4, seed: 2)
    for candidate in found.selection.candidates {
      #expect(candidate.converged)
      var model = settings
      model.c = candidate.c
      for (split, accuracy) in zip(splits, candidate.folds) {
        let fitted = try model.fit(features, rows: split.training, labels: labels, classCount: 3)
        let predictions = try fitted.predictions(features, rows: split.validation)
        let byHand = ClassificationMetrics.accuracy(
          labels: split.validation.map { labels[$0] }, predictions: predictions)
        #expect(accuracy == byHand)
      }
      #expect(candidate.accuracy.count == 90)
      #expect(candidate.accuracy.successes == candidate.folds.reduce(0) { $0 + $1.successes })
    }
    let best = found.selection.candidates.map(\.accuracy.successes).max()
    #expect(found.selection.chosen == found.selection.candidates.first { $0.accuracy.successes == best })
    var model = settings
    model.c = found.selection.chosen.c
    #expect(found.model == (try model.fit(features, rows: Array(0..<90), labels: labels, classCount: 3)))
  }

  /// The calibration is fitted to scores from the search. They are scores of held-out rows, from models that were not
  /// fitted on these rows.
  @Test func heldOutScoresAreThoseThatJudged() throws {
    let (features, labels) = Self.clouds(rows: 60)
    var search = RegularizationSearch(model: settings, candidates: grid, folds: 4, seed: 5)
    search.searchTolerance = 1e-10
    search.repeats = 2
    let rows = (0..<60).filter { $0 % 7 != 0 }
    let groups = (0..<60).map { $0 / 3 }
    for groups in [nil, groups] {
      let selection = try search.crossValidation(
        features, rows: rows, labels: labels, classCount: 3, groups: groups)
      let held = try search.heldOutScores(
        selection, features, rows: rows, validation: nil, labels: labels, classCount: 3, groups: groups)
      #expect(held.rows == selection.heldOut)
      let predictions = held.rows.indices.map { row in
        (0..<3).reduce(0) { held.scores[3 * row + $1] > held.scores[3 * row + $0] ? $1 : $0 }
      }
      #expect(predictions == selection.predictions)
    }
    let split = Split(training: Array(0..<40), validation: Array(40..<60))
    let selection = try search.validation(features, split: split, labels: labels, classCount: 3)
    let held = try search.heldOutScores(
      selection, features, rows: split.training, validation: split.validation, labels: labels, classCount: 3,
      groups: nil)
    #expect(held.rows == selection.heldOut && held.scores.count == 60)
  }

  @Test func threadsDoNotMatter() throws {
    let (features, labels) = Self.clouds(rows: 60)
    var one = RegularizationSearch(model: settings, candidates: grid)
    one.model.threads = 1
    let two = RegularizationSearch(model: settings, candidates: grid)
    let first = try one.crossValidated(features, labels: labels, classCount: 3)
    #expect(first == (try two.crossValidated(features, labels: labels, classCount: 3)))
  }

  @Test func rowsThatAreNotNamedAreNotSeen() throws {
    let (features, labels) = Self.clouds(rows: 90)
    let rows = Array(stride(from: 0, to: 90, by: 2))
    var spoiled = labels
    var elements: [Float] = []
    for row in 0..<90 {
      features.withRow(row) { values in
        for j in values.indices { elements.append(row % 2 == 0 ? values[j] : .nan) }
      }
      if row % 2 == 1 { spoiled[row] = -1 }
    }
    let poisoned = MatrixView(rows: 90, columns: 5, elements: elements)
    let search = RegularizationSearch(model: settings, candidates: grid)
    #expect(
      try search.crossValidated(poisoned, rows: rows, labels: spoiled, classCount: 3)
        == search.crossValidated(features, rows: rows, labels: labels, classCount: 3))
    let split = Split(training: Array(rows.prefix(30)), validation: Array(rows.suffix(15)))
    #expect(
      try search.validated(poisoned, split: split, labels: spoiled, classCount: 3)
        == search.validated(features, split: split, labels: labels, classCount: 3))
  }

  /// Principal components come from the training rows of a fold. Norms come from each row alone.
  @Test func transformsAreFittedInTheFold() throws {
    let (features, labels) = Self.clouds(rows: 90)
    for whitens in [false, true] {
      var model = settings
      model.transform = FeatureTransform(
        normalizesRows: true, components: PrincipalComponents(.components(3), whitens: whitens))
      var search = RegularizationSearch(model: model, candidates: [0.1], folds: 4, seed: 2)
      search.searchTolerance = 1e-10
      let found = try search.crossValidated(features, labels: labels, classCount: 3)
      model.c = 0.1
      let splits = try Splits.stratifiedFolds(labels: labels, classCount: 3, folds: 4, seed: 2)
      for (split, accuracy) in zip(splits, found.selection.chosen.folds) {
        let fitted = try model.fit(features, rows: split.training, labels: labels, classCount: 3)
        let predictions = try fitted.predictions(features, rows: split.validation)
        #expect(
          accuracy
            == ClassificationMetrics.accuracy(
              labels: split.validation.map { labels[$0] }, predictions: predictions))
      }
      #expect(found.model.normalizesRows && found.model.projection?.count == 3)
      #expect(found.model == (try model.fit(features, labels: labels, classCount: 3)))
    }
  }

  @Test func rowsOfWeightZeroAreNotThere() throws {
    let (features, labels) = Self.clouds(rows: 90)
    let rows = (0..<90).filter { $0 % 4 != 1 }
    var search = RegularizationSearch(model: settings, candidates: grid, folds: 4, seed: 1)
    let expected = try search.crossValidated(features, rows: rows, labels: labels, classCount: 3)
    let split = Split(training: Array(0..<60), validation: Array(60..<90))
    let thinned = Split(
      training: split.training.filter { $0 % 4 != 1 }, validation: split.validation.filter { $0 % 4 != 1 })
    let judged = try search.validated(features, split: thinned, labels: labels, classCount: 3)
    search.sampleWeights = (0..<90).map { $0 % 4 == 1 ? 0 : 1 }
    #expect(try search.crossValidated(features, labels: labels, classCount: 3) == expected)
    #expect(try search.validated(features, split: split, labels: labels, classCount: 3) == judged)
    let held = try search.heldOutScores(
      expected.selection, features, rows: Array(0..<90), validation: nil, labels: labels, classCount: 3,
      groups: nil)
    #expect(held.rows == expected.selection.heldOut)
  }

  @Test func validationPartChooses() throws {
    let (features, labels) = Self.clouds(rows: 90)
    let split = try Splits.holdOut(labels: labels, classCount: 3, fraction: 0.3, seed: 4)
    let search = RegularizationSearch(model: settings, candidates: grid, patience: nil)
    let kept = try search.validated(features, split: split, labels: labels, classCount: 3, refit: false)
    #expect(kept.selection.method == .validation(rows: split.validation.count))
    var model = settings
    model.c = kept.selection.chosen.c
    #expect(kept.model == (try model.fit(features, rows: split.training, labels: labels, classCount: 3)))
    let refitted = try search.validated(features, split: split, labels: labels, classCount: 3)
    #expect(refitted.selection.candidates == kept.selection.candidates)
    #expect(
      refitted.model == (try model.fit(features, rows: Array(0..<90), labels: labels, classCount: 3)))
  }

  @Test func patienceEndsThePathOnceTrainingRowsAreFitted() throws {
    // The classes are separated, so every C is right. A larger C gives surer probabilities, until the path ends early.
    let elements = (0..<40).map { Float($0 % 2 == 0 ? -1 : 1) * (1 + Float($0 % 5)) }
    let features = MatrixView(rows: 40, columns: 1, elements: elements)
    let labels = (0..<40).map { $0 % 2 }
    let found = try RegularizationSearch(model: settings).crossValidation(
      features, labels: labels, classCount: 2)
    #expect(found.candidates.allSatisfy { $0.accuracy.value == 1 })
    #expect(found.chosen == found.candidates.min { ($0.logLoss ?? 9) < ($1.logLoss ?? 9) })
    #expect(found.candidates.count < RegularizationSearch.automaticCandidates.count)
    #expect(found.candidates.count > 5)
    // Margins have no log loss, so in a tie the smallest C is chosen.
    let margins = try RegularizationSearch(model: .svm(LinearSVM())).crossValidation(
      features, labels: labels, classCount: 2)
    #expect(margins.chosen.c == margins.candidates[0].c && margins.chosen.logLoss == nil)
    #expect(margins.heldOut.sorted() == Array(0..<40))
  }

  @Test func saysWhatIsWrong() throws {
    let (features, labels) = Self.clouds(rows: 30)
    #expect(throws: SelectionError.noCandidates) {
      try RegularizationSearch(candidates: []).crossValidated(features, labels: labels, classCount: 3)
    }
    #expect(throws: SelectionError.candidate(c: -1)) {
      try RegularizationSearch(candidates: [1, -1]).crossValidated(features, labels: labels, classCount: 3)
    }
    #expect(throws: SelectionError.model(.labelCount(expected: 30, found: 2))) {
      try RegularizationSearch().crossValidated(features, labels: [0, 1], classCount: 2)
    }
    #expect(throws: SelectionError.model(.rowOutOfRange(row: 30, rows: 30))) {
      try RegularizationSearch().crossValidated(features, rows: [0, 30], labels: labels, classCount: 3)
    }
    #expect(throws: SelectionError.emptyPart("validation")) {
      try RegularizationSearch().validated(
        features, split: Split(training: [0, 1, 2], validation: []), labels: labels, classCount: 3)
    }
    var elements = [Float](repeating: 1, count: 30)
    elements[7] = .infinity
    #expect(throws: SelectionError.model(.notFinite(row: 7, column: 0, value: .infinity))) {
      try RegularizationSearch().crossValidated(
        MatrixView(rows: 30, columns: 1, elements: elements), labels: labels, classCount: 3)
    }
  }
}
