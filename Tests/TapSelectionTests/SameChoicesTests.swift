// Compares the default search with an exhaustive search.

import Synchronization
import TapLinear
import TapMetrics
import TapSelection
import TestSupport
import Testing

struct SameChoicesTests {
  /// The number of problems that have a tie only because of rows that no fit decides.
  private static let undecided = Mutex(0)

  /// The value of C that the default search chooses is that of the exhaustive search, or ties with it.
  ///
  /// Both values are evaluated by the fits of the exhaustive search, on the same rows. They tie if two conditions hold.
  /// First, the criterion is the same for both, except for the rounding of sums. Second, their log losses differ by at
  /// most a thousandth, or that of the chosen value is below a hundredth, as the search ignores smaller differences. If
  /// the criterion is the log loss itself, a difference of a thousandth is a tie.
  ///
  /// A value that patience left out may be better by chance. Such a difference must not be significant in a paired
  /// test, and the search reports the number of values left out. Certificates can leave rows undecided. The counts are
  /// then known only up to these rows: see ``Tally``.
  @Test(arguments: 0..<(TestData.runsLongTests ? 200 : 20))
  func theDefaultChoosesAsTheExhaustiveSearch(number: Int) throws {
    let problem = ChoiceProblem(number)
    let short = try problem.chosen(by: problem.search)
    let long = try problem.chosen(by: problem.exhaustive)
    #expect(long.candidates.count == RegularizationSearch.automaticCandidates.count)
    let chosen = try #require(long.candidates.first { $0.c == short.chosen.c })
    let comment: Comment = "\(problem.kind): \(short.chosen.c ?? .nan), \(long.chosen.c ?? .nan)"
    let isLeftOut = !short.candidates.contains { $0.c == long.chosen.c }
    if isLeftOut, long.chosen.hasBetterScore(than: chosen) {
      var alone = problem.exhaustive
      alone.candidates = [try #require(short.chosen.c)]
      let own = try problem.chosen(by: alone)
      let parted = PairedComparison(
        labels: own.heldOut.map { problem.labels[$0] }, first: own.predictions, second: long.predictions)
      #expect(parted.pValue >= 0.05, "\(comment): \(parted.onlyFirst), \(parted.onlySecond)")
    } else {
      if short.criterion != .logLoss, long.chosen.hasBetterScore(than: chosen) {
        let (own, best) = (try Tally(problem, chosen), try Tally(problem, long.chosen))
        #expect(short.criterion == .accuracy && own.most >= best.least, "\(comment): \(own), \(best)")
        let count = Self.undecided.withLock { count in
          count += 1
          return count
        }
        #expect(count <= 4, "so many problems should be decided")
      }
      if let loss = chosen.logLoss, let least = long.chosen.logLoss {
        #expect(loss <= max(0.01, least + 0.001), "\(comment), log losses \(loss) and \(least)")
      }
    }
  }

  /// The least and the largest number of correct held-out rows that certificates allow. With a hinge loss, an optimum
  /// can have weights 0 for several classes. Rounding then decides which of these classes a row gets.
  private struct Tally {
    private(set) var least = 0
    private(set) var most = 0

    init(_ problem: ChoiceProblem, _ candidate: Candidate) throws {
      var model = problem.search.model
      (model.c, model.tolerance) = (candidate.c, 1e-13)
      let splits = try Splits.repeatedFolds(
        labels: problem.labels, classCount: problem.classCount, folds: problem.search.folds, repeats: 1,
        seed: problem.search.seed)
      for split in splits {
        let fitted = try model.fit(
          problem.features, rows: split.training, labels: problem.labels, classCount: problem.classCount)
        let scores = try fitted.scores(problem.features, rows: split.validation, threads: 1)
        // The distance of W to the optimum is at most √(2 gap). The difference of two classes' scores changes by at
        // most √2 times this distance times the row's norm. Intercepts move with the rows on the margin, so the factor
        // is larger.
        let reach = 4 * fitted.gap.squareRoot() * problem.largestNorm(fitted.scaler)
        for (place, row) in split.validation.enumerated() {
          let own = scores[(place * problem.classCount)..<((place + 1) * problem.classCount)]
          let label = own.startIndex + problem.labels[row]
          let other = own.indices.filter { $0 != label }.reduce(-Double.infinity) { max($0, own[$1]) }
          least += own[label] > other + reach ? 1 : 0
          most += own[label] >= other - reach ? 1 : 0
        }
      }
    }
  }
}
