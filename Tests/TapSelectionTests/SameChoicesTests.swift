// The default search against an exhaustive one.

import Synchronization
import TapLinear
import TapMetrics
import TapSelection
import TestSupport
import Testing

struct SameChoicesTests {
  /// Problems with ties only because of rows that no fit decides.
  private static let undecided = Mutex(0)

  /// The value that the default search chooses is the exhaustive one's, or ties with it.
  ///
  /// Both values are evaluated by the fits of the exhaustive search, on the same rows. They tie if two conditions hold:
  /// its criterion is the same for both (sums of the same shares may differ by rounding), and their log losses differ
  /// by at most the thousandth that the search ignores, or are below the hundredth under which it ignores them. By the
  /// log loss itself a thousandth is a tie. A value that patience left out may be better by chance: it would pass no
  /// paired test, and the search reports how many it left out. If certificates leave rows undecided, counts are known
  /// except for these: see ``Tally``.
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

  /// The number of correct held-out rows, as far as certificates decide: a hinge has optima with all weights of several
  /// classes 0, and rounding decides which of these a row gets.
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
        // W is within √(2 gap) of the optimum's, and a difference of two classes' scores within √2 times that and the
        // row's norm; an intercept moves with what rows on the margin do.
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
