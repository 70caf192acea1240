// Combinations of columns against greedy forward selection with scikit-learn (see
// Tests/Reference/selection/generate_combinations.py), and on noise.

import FoundationEssentials
import TapComparison
import TapFeatures
import TapProvenance
import TapReports
import TapSelection
import TapSettings
import TapTensors
import TapTraining
import TestSupport
import Testing
import TrainingSupport

@Suite struct CombinationTests {
  private struct Case: Decodable {
    struct Combination: Decodable {
      let columns: [Int]
      let correct: Int
    }

    let c: Double
    let columns: [[Float]]
    let labels: [Int]
    let held: [Bool]
    let singles: [Int]
    let tried: Int
    let combinations: [Combination]
  }

  private static func column(_ index: Int) -> Column { Column(tap: "layer\(index)", pooling: .avg) }

  /// Matrices of the same rows as columns of a backbone.
  private static func data(_ columns: [[Float]], labels: [Int], held: [Bool] = []) -> LabeledFeatures {
    LabeledFeatures(
      candidates: columns.enumerated().map { index, elements in
        LabeledFeatures.Candidate(
          column: column(index),
          features: MatrixView(rows: labels.count, columns: elements.count / labels.count, elements: elements))
      },
      images: labels.enumerated().map { row, label in
        ImageItem(
          path: "\(row).png", label: "class \(label)", split: held.isEmpty ? nil : held[row] ? .validation : .train)
      }, hashes: labels.indices.map { "\($0)" }, identity: nil, extraction: nil, backbone: nil)
  }

  @Test func combinationsAreThoseOfScikitLearn() throws {
    let path = Repository.path("Tests/Reference/selection/combinations.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(filePath: path)))
    #expect(cases.map(\.combinations.count) == [2, 2, 1])
    for item in cases {
      let data = Self.data(item.columns, labels: item.labels, held: item.held)
      let settings = TrainingSettings.with { $0.c = .fixed(item.c) }
      let runner = ComparisonRunner(settings: [settings], combinedColumns: 3, threads: 2)
      let comparison = try runner.run(data, Partition(data.images))
      #expect(comparison.entries.prefix(7).map(\.accuracy.successes) == item.singles)
      let combined = comparison.entries.dropFirst(7)
      #expect(combined.map(\.columns) == item.combinations.map { $0.columns.map(Self.column) })
      #expect(combined.map(\.accuracy.successes) == item.combinations.map(\.correct))
      #expect(comparison.tried == item.tried)
      // A combination is only the best if it is better than every smaller one.
      let all = comparison.entries.map(\.accuracy.successes)
      #expect(comparison.bestIndex == all.firstIndex(of: all.max() ?? 0))
      #expect(
        comparison.bestEntry.selection.predictions.count == item.held.count { $0 }
          && comparison.best.model.dimensions == 3 * comparison.bestEntry.columns.count)
      // The number of threads changes nothing.
      var alone = runner
      alone.threads = 1
      let again = try alone.run(data, Partition(data.images))
      #expect(again.entries.map(\.selection) == comparison.entries.map(\.selection))
      #expect(again.corrected == comparison.corrected)
      // Pairs are those of three columns without the last step.
      alone.combinedColumns = 2
      let pairs = try alone.run(data, Partition(data.images))
      #expect(pairs.entries.map(\.selection) == comparison.entries.prefix(8).map(\.selection))
    }
  }

  /// The best combination of columns of noise has far more than chance. Its corrected accuracy does not, and the
  /// interval covers chance.
  @Test func theLuckOfCombinationsIsCorrected() throws {
    let sets = TestData.runsLongTests ? 500 : 40
    var (covered, combined, chosen, corrected) = (0, 0, 0.0, 0.0)
    for set in 0..<sets {
      var numbers = XorShift(seed: UInt64(set + 1))
      let columns = (0..<20).map { _ in (0..<100 * 16).map { _ in Float(numbers.normal()) } }
      let data = Self.data(columns, labels: (0..<100).map { $0 % 2 })
      let settings = TrainingSettings.with(.nearestMean) { $0.seed = UInt64(set) }
      let comparison = try ComparisonRunner(settings: [settings], combinedColumns: 3, threads: 2)
        .run(data, Partition(data.images))
      let found = try #require(comparison.corrected)
      covered += found.interval.lower <= 0.5 && 0.5 <= found.interval.upper ? 1 : 0
      combined += comparison.bestEntry.isCombination ? 1 : 0
      chosen += comparison.bestEntry.accuracy.value
      corrected += found.value
    }
    let count = Double(sets)
    #expect(combined > sets / 2 && chosen / count > 0.62, "\(combined) combinations, \(chosen / count)")
    #expect(abs(corrected / count - 0.5) < 0.03, "\(corrected / count)")
    #expect(covered >= sets * 9 / 10, "\(covered) of \(sets)")
  }

  /// Two columns that each know half of the answer: nothing is left to luck, so the correction is small.
  @Test func aCombinationThatKnowsMoreStaysBetter() throws {
    var numbers = XorShift(seed: 5)
    let values = (0..<2 * 200).map { _ in numbers.normal() }
    let labels = (0..<200).map { values[2 * $0] + values[2 * $0 + 1] > 0 ? 1 : 0 }
    let columns = (0..<6).map { column in
      (0..<200).flatMap { row in
        [column < 2 ? Float(values[2 * row + column]) : Float(numbers.normal()), Float(numbers.normal())]
      }
    }
    let data = Self.data(columns, labels: labels)
    let comparison = try ComparisonRunner(
      settings: [.with { $0.c = .fixed(1) }], combinedColumns: 2, threads: 2
    ).run(data, Partition(data.images))
    #expect(Set(comparison.bestEntry.columns) == [Self.column(0), Self.column(1)])
    #expect(comparison.bestEntry.accuracy.value > 0.93)
    let corrected = try #require(comparison.corrected)
    #expect(corrected.value > 0.9 && corrected.value <= comparison.bestEntry.accuracy.value)
  }

  /// By the log loss there is no corrected accuracy, so a warning says that the accuracy of the combination is not
  /// corrected. A single column has nothing to combine with.
  @Test func whatIsNotCorrectedIsSaid() throws {
    var numbers = XorShift(seed: 9)
    let values = (0..<2 * 90).map { _ in numbers.normal() }
    let labels = (0..<90).map { values[2 * $0] + values[2 * $0 + 1] > 0 ? 1 : 0 }
    let columns = (0..<2).map { column in (0..<90).map { Float(values[2 * $0 + column]) } }
    var settings = TrainingSettings.with { $0.c = .fixed(1) }
    settings.criterion = .logLoss
    let runner = ComparisonRunner(settings: [settings], combinedColumns: 2)
    let data = Self.data(columns, labels: labels)
    let comparison = try runner.run(data, Partition(data.images))
    #expect(comparison.bestEntry.isCombination && comparison.corrected == nil)
    #expect(comparison.warnings.contains { $0.contains("chosen among 3 by the log loss") })
    let one = try runner.run(data.with([data.candidates[0]]), Partition(data.images))
    #expect(one.entries.count == 1 && one.warnings.contains { $0.hasPrefix("Nothing was combined") })
  }
}
