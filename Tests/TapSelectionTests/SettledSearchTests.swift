// Compares fits that end as soon as their predictions are settled with the same fits to the end.

import TapKernels
import TapLinear
import TapMetrics
import TapSelection
import TapTensors
import TestSupport
import Testing

struct SettledSearchTests {
  /// A property of the rows that could make a fit end too early.
  enum Kind: CaseIterable {
    case overlapping, separable, rareClass, duplicateRows, shifted, nearCopies, manyClasses, fewRows
  }

  private static func problem(_ kind: Kind, seed: UInt64) -> (MatrixView, labels: [Int], classCount: Int) {
    var generator = XorShift(seed: seed)
    let classCount = kind == .manyClasses ? 40 : 4
    let rows = kind == .fewRows ? 40 : 240
    let columns = kind == .fewRows ? 60 : 20
    let spread = kind == .separable ? 6.0 : 0.7
    let means = (0..<(classCount * columns)).map { _ in spread * generator.normal() }
    var elements: [Float] = []
    var labels: [Int] = []
    for row in 0..<rows {
      let label = kind == .rareClass ? (row < 12 ? 3 : row % 3) : row % classCount
      labels.append(label)
      if kind == .duplicateRows, row % 3 == 2 {
        elements += elements.suffix(columns)
        continue
      }
      var values = (0..<columns).map { means[label * columns + $0] + generator.normal() }
      if kind == .shifted { for j in 0..<5 { values[j] += 500 } }
      if kind == .nearCopies {
        for j in 10..<20 { values[j] = values[j - 10] + 1e-3 * generator.normal() }
      }
      elements += values.map { Float($0) }
    }
    return (MatrixView(rows: rows, columns: columns, elements: elements), labels, classCount)
  }

  @Test(arguments: Kind.allCases) func choicesAreThoseOfFitsToTheEnd(kind: Kind) throws {
    var (differences, counted) = (0, 0)
    for seed in 1...3 {
      let (features, labels, classCount) = Self.problem(kind, seed: UInt64(seed))
      var search = RegularizationSearch(
        model: .logistic(LogisticRegression(threads: 1)), patience: nil, folds: 3)
      let short = try search.crossValidation(features, labels: labels, classCount: classCount)
      search.model.tolerance = 1e-13
      search.searchTolerance = 1e-13
      let long = try search.crossValidation(features, labels: labels, classCount: classCount)
      #expect(short.candidates.map(\.c) == long.candidates.map(\.c))
      for (a, b) in zip(short.candidates, long.candidates) {
        differences += zip(a.folds, b.folds).count { $0.successes != $1.successes }
        counted += a.folds.count
        let (loss, truth) = (try #require(a.logLoss), try #require(b.logLoss))
        #expect(abs(loss - truth) <= 2e-4 * truth, "\(kind) \(seed), C \(a.c ?? .nan): \(loss), \(truth)")
      }
      // The short search chooses the same value of C, or one that has an equal count in the full search.
      let chosen = try #require(long.candidates.first { $0.c == short.chosen.c })
      #expect(
        !long.chosen.hasBetterScore(than: chosen),
        "\(kind) \(seed): \(short.chosen.c ?? .nan), \(long.chosen.c ?? .nan)")
    }
    #expect(differences * 100 <= counted, "\(kind): \(differences) of \(counted) folds")
  }
}
