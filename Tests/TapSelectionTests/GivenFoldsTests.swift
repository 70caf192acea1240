// Compares cross-validation in given folds with plain fits, and refuses folds that hold out nothing.

import TapLinear
import TapMetrics
import TapSelection
import TapTensors
import Testing

struct GivenFoldsTests {
  private let features = RegularizationSearchTests.clouds(rows: 60).features
  private let labels = RegularizationSearchTests.clouds(rows: 60).labels
  private let model = LinearModel.logistic(LogisticRegression(tolerance: 1e-10, threads: 2))

  private var search: RegularizationSearch {
    var search = RegularizationSearch(model: model, candidates: [0.1, 10], patience: nil)
    search.searchTolerance = 1e-10
    return search
  }

  @Test func accuraciesAreThoseOfFitsOnTheFolds() throws {
    // The last rows are in every training part.
    let folds: [Int?] = (0..<60).map { $0 < 50 ? $0 / 5 % 3 : nil }
    let found = try search.crossValidation(features, folds: folds, labels: labels, classCount: 3)
    #expect(found.method == .crossValidation(folds: 3) && found.heldOut.count == 50)
    for candidate in found.candidates {
      var model = model
      model.c = candidate.c
      for (fold, accuracy) in candidate.folds.enumerated() {
        let held = (0..<60).filter { folds[$0] == fold }
        let fitted = try model.fit(
          features, rows: (0..<60).filter { folds[$0] != fold }, labels: labels, classCount: 3)
        let predictions = try fitted.predictions(features, rows: held)
        #expect(accuracy.successes == zip(held, predictions).count { labels[$0] == $1 })
        #expect(accuracy.count == held.count)
      }
    }
  }

  @Test(arguments: [[nil], [-1], [Int.max], [0], [1]] as [[Int?]]) func foldsMustHoldRowsBack(_ fold: [Int?]) throws {
    let folds = [Int?](repeating: fold[0], count: 60)
    let expected = SelectionError.emptyPart(fold == [0] || fold == [1] ? "training" : "validation")
    #expect(throws: expected) {
      try search.crossValidation(features, folds: folds, labels: labels, classCount: 3)
    }
  }
}
