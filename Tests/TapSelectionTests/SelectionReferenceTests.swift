// Compares folds, counts and choices with a plain computation in Python with other solvers: see
// Tests/Reference/selection/generate.py.

import FoundationEssentials
import TapLinear
import TapSelection
import TapTensors
import TestSupport
import Testing

struct SelectionReferenceTests {
  struct Table: Decodable {
    let columns: Int
    let features: [Float]
    let labels: [Int]

    var matrix: MatrixView { MatrixView(rows: labels.count, columns: columns, elements: features) }
    var classCount: Int { (labels.max() ?? 0) + 1 }
  }

  struct Case: Decodable {
    let data: String
    let classifier: String
    let folds: Int
    let repeats: Int
    let seed: UInt64
    let grid: [Double]
    let counts: [[Int]]
    let logLosses: [Double]?
    let best: Double
    let oneStandardError: Double
    let standardError: Double
    let assignment: [Int]
  }

  struct Reference: Decodable {
    let data: [String: Table]
    let cases: [Case]
  }

  let reference: Reference

  init() throws {
    let path = Repository.path("Tests/Reference/selection/selection.json")
    reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: URL(filePath: path)))
  }

  @Test func foldsAreThoseOfPython() throws {
    for item in reference.cases {
      let table = try #require(reference.data[item.data])
      let splits = try Splits.repeatedFolds(
        labels: table.labels, classCount: table.classCount, folds: item.folds, repeats: item.repeats,
        seed: item.seed)
      #expect(splits.count == item.folds * item.repeats)
      for fold in 0..<item.folds {
        let rows = item.assignment.indices.filter { item.assignment[$0] == fold }
        #expect(splits[fold].validation == rows)
      }
      for repeated in 0..<item.repeats {
        let held = splits[repeated * item.folds..<(repeated + 1) * item.folds].flatMap(\.validation)
        #expect(held.sorted() == Array(0..<table.labels.count))
      }
      #expect(Set(splits).count == splits.count)
    }
  }

  @Test func countsAndChoicesAreThoseOfPython() throws {
    for item in reference.cases {
      let table = try #require(reference.data[item.data])
      var search = RegularizationSearch(
        model: item.classifier == "svm"
          ? .svm(LinearSVM(tolerance: 1e-10, threads: 2))
          : .logistic(LogisticRegression(tolerance: 1e-10, threads: 2)),
        candidates: item.grid, patience: nil, folds: item.folds, seed: item.seed)
      search.repeats = item.repeats
      search.searchTolerance = 1e-10
      for rule in SelectionRule.allCases {
        search.rule = rule
        let found = try search.crossValidation(
          table.matrix, labels: table.labels, classCount: table.classCount)
        #expect(found.candidates.map { $0.folds.map(\.successes) } == item.counts)
        #expect(found.chosen.c == (rule == .best ? item.best : item.oneStandardError))
        #expect(found.rule == rule && found.repeats == item.repeats)
        for (candidate, counts) in zip(found.candidates, item.counts) {
          #expect(candidate.accuracy.count == table.labels.count)
          let mean = Double(counts.reduce(0, +)) / Double(item.repeats)
          #expect(abs(Double(candidate.accuracy.successes) - mean) <= 0.5)
        }
        let best = try #require(found.candidates.first { $0.c == item.best })
        #expect(abs(best.standardError - item.standardError) <= 1e-12)
        // The L-BFGS of the reference stops short of the optimum, which changes log losses by about 1e-5.
        for (candidate, loss) in zip(found.candidates, item.logLosses ?? []) {
          #expect(abs((candidate.logLoss ?? .nan) - loss) <= 1e-5 * loss)
        }
        // The predictions are those of the chosen value in the first repeat, in which every row is held out once.
        #expect(found.heldOut.sorted() == Array(0..<table.labels.count))
        let right = zip(found.heldOut, found.predictions).count { table.labels[$0] == $1 }
        #expect(right == found.chosen.folds.prefix(item.folds).reduce(0) { $0 + $1.successes })
      }
    }
  }

  /// A single validation part has a binomial standard error.
  @Test func aValidationPartHasAStandardErrorToo() throws {
    let table = try #require(reference.data["iris"])
    var search = RegularizationSearch(candidates: [1e-3, 0.1, 10], patience: nil)
    let split = Split(
      training: (0..<150).filter { $0 % 3 != 0 }, validation: (0..<150).filter { $0 % 3 == 0 })
    let best = try search.validation(
      table.matrix, split: split, labels: table.labels, classCount: table.classCount)
    let p = best.chosen.accuracy.value
    #expect(abs(best.chosen.standardError - (p * (1 - p) / 50).squareRoot()) <= 1e-15)
    search.rule = .oneStandardError
    let simple = try search.validation(
      table.matrix, split: split, labels: table.labels, classCount: table.classCount)
    #expect(try #require(simple.chosen.c) <= #require(best.chosen.c))
    #expect(simple.chosen.accuracy.value >= p - best.chosen.standardError)
  }
}
