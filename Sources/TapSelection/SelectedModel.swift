// The result of a search for C: every value that was tried, the chosen one, and the model fitted with it.

import TapLinear
import TapMetrics

/// How values of C are evaluated.
public enum SelectionMethod: Hashable, Sendable {
  /// On rows held out in turn.
  case crossValidation(folds: Int)
  /// On a validation part.
  case validation(rows: Int)
  /// Not at all: no row can be held out, and there is one value to fit with.
  case unjudged
}

/// The rule that chooses one of the values of C that were tried.
public enum SelectionRule: String, Hashable, Sendable, CaseIterable {
  /// The best by the criterion; in a tie the one with the smallest log loss, or without log loss the smallest value.
  case best = "best"
  /// The smallest value that the criterion puts at most one standard error behind the best one: indistinguishable from
  /// the best, and the simplest.
  ///
  /// Source: Breiman, Friedman, Olshen and Stone, "Classification and regression trees" (1984), section 3.4.3.
  case oneStandardError = "one-se"
}

/// A value of C and its results on rows that it was not fitted on.
public struct Candidate: Hashable, Sendable {
  /// The value that was tried; nil for a model that has no C.
  public let c: Double?
  /// The correct predictions of all held-out rows, over all folds together. For repeated cross-validation it is the
  /// mean over the repeats, rounded, so that no row counts twice.
  ///
  /// Its `interval()` is Wilson's over these pooled predictions, which assumes that they are independent. It ignores
  /// that folds share training rows, and that the best of several candidates is slightly lucky. A number to report
  /// needs test data that took no part.
  public private(set) var accuracy: Proportion
  /// The same fold by fold, repeat after repeat; one entry for a validation part.
  public let folds: [Proportion]
  /// The mean of -log p(label) over the same rows; nil for models whose scores are not probabilities.
  public let logLoss: Double?
  /// Whether every fit reached its tolerance.
  public let converged: Bool
  /// The criterion that compares candidates.
  public let criterion: SelectionCriterion
  /// The criterion's value for all held-out rows, over all folds and repeats together; for log loss smaller is better.
  public let score: Double
  /// The standard error of ``score``, used by ``SelectionRule/oneStandardError``.
  /// ```
  /// √( Σ_f (s_f - s̄)² / (F - 1) / folds )     F folds of all repeats with scores s_f
  /// √( Σᵢ uᵢ² )                                one validation part, uᵢ a row's influence: √(a (1 - a) / n) of accuracy
  /// ```
  /// Repeats average out the division of rows into folds, but they add no rows: the divisor is the number of folds of
  /// one repeat.
  public let standardError: Double
  /// The number of times that all rows were held out.
  package let repeats: Int

  /// A value of C with its results; accuracies have at least one entry.
  ///
  /// - Parameter judgment: the criterion's judgment; nil for the accuracy.
  /// - Precondition: each of the `repeats` holds out the same number of rows.
  package init(
    c: Double?, folds: [Proportion], repeats: Int = 1, logLoss: Double?, converged: Bool,
    judgment: (criterion: SelectionCriterion, score: Double, standardError: Double)? = nil
  ) {
    self.c = c
    self.repeats = repeats
    let successes = folds.reduce(0) { $0 + $1.successes }
    let count = folds.reduce(0) { $0 + $1.count }
    precondition(repeats >= 1 && count % repeats == 0, "\(count) rows in \(repeats) repeats")
    accuracy = Proportion(successes: (2 * successes + repeats) / (2 * repeats), count: count / repeats)
    self.folds = folds
    self.logLoss = logLoss
    self.converged = converged
    criterion = judgment?.criterion ?? .accuracy
    score = judgment?.score ?? Double(successes) / Double(count)
    standardError =
      judgment?.standardError
      ?? (folds.count > 1
        ? Self.standardError(of: folds.map(\.value), repeats: repeats)
        : (accuracy.value * (1 - accuracy.value) / Double(accuracy.count)).squareRoot())
  }

  /// Takes the interval of the held-out rows, each counted once.
  mutating func take(_ shared: Proportion) { accuracy = accuracy.resampled(as: shared) }

  /// From scores of folds, at least two.
  static func standardError(of values: [Double], repeats: Int) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1) / Double(values.count / repeats)).squareRoot()
  }

  /// The difference by which the criterion puts it before another candidate.
  private func lead(over other: Candidate) -> Double {
    criterion == .logLoss ? other.score - score : score - other.score
  }

  /// Whether it is better by the criterion, or in a tie has the smaller log loss.
  ///
  /// If rows are few, many values of C are equally good, and the smallest of them would give flat probabilities.
  package func isBetter(than other: Candidate) -> Bool {
    if hasBetterScore(than: other) { return true }
    guard !other.hasBetterScore(than: self), let logLoss, let otherLoss = other.logLoss else { return false }
    return logLoss < otherLoss
  }

  /// Whether it is better by the criterion. Sums of shares that differ by rounding alone are equal.
  package func hasBetterScore(than other: Candidate) -> Bool {
    lead(over: other) > (criterion == .logLoss ? 0 : 1e-12)
  }

  /// Whether it is better by the criterion, or in a tie has a smaller log loss; a log loss must differ by more than a
  /// thousandth.
  func isClearlyBetter(than other: Candidate) -> Bool {
    if criterion != .logLoss {
      if hasBetterScore(than: other) { return true }
      if other.hasBetterScore(than: self) { return false }
    }
    return hasClearlySmallerLoss(than: other)
  }

  /// Whether its log loss is smaller by more than a thousandth.
  func hasClearlySmallerLoss(than other: Candidate) -> Bool {
    guard let logLoss, let otherLoss = other.logLoss else { return false }
    return logLoss < otherLoss - 0.001
  }

  /// Whether the criterion puts it at most one standard error behind `best`. A share of a row more is rounding error.
  func isWithinOneStandardError(of best: Candidate) -> Bool {
    lead(over: best) >= -best.standardError - 1e-12
  }
}

/// The value of C that a search chose, and the basis of the choice. A model without C has one
/// candidate.
public struct Selection: Hashable, Sendable {
  /// How candidates were evaluated.
  public let method: SelectionMethod
  /// The values that were tried, ascending in C.
  public let candidates: [Candidate]
  /// The rule that chose one of ``candidates``.
  public let rule: SelectionRule
  /// The number of times that all rows were held out.
  public var repeats: Int { chosen.repeats }
  /// The criterion that compared candidates.
  public var criterion: SelectionCriterion { chosen.criterion }
  /// The candidate that ``rule`` chose.
  public private(set) var chosen: Candidate
  /// The held-out rows: each once, as in the first repeat.
  public let heldOut: [Int]
  /// The class that the chosen C predicted for each of ``heldOut``.
  public let predictions: [Int]

  /// - Precondition: `candidates` is not empty, and `predictions` belong to the candidate that `rule` chooses.
  package init(
    method: SelectionMethod, candidates: [Candidate], rule: SelectionRule = .best, heldOut: [Int],
    predictions: [Int]
  ) {
    precondition(
      heldOut.count == predictions.count, "\(predictions.count) predictions of \(heldOut.count) rows")
    self.method = method
    self.candidates = candidates
    self.rule = rule
    chosen = candidates[Self.choose(candidates, rule)]
    self.heldOut = heldOut
    self.predictions = predictions
  }

  /// The same, with the interval of the chosen accuracy from drawing whole groups of held-out rows.
  ///
  /// - Parameters:
  ///   - labels: one for every row of the matrix.
  ///   - groups: a number for every row of the matrix; nil if rows are independent.
  package func inGroups(_ groups: [Int]?, labels: [Int]) -> Selection {
    guard let groups, isJudged else { return self }
    var result = self
    let hits = zip(heldOut, predictions).map { labels[$0] == $1 }
    result.chosen.take(Proportion(hits, groups: heldOut.map { groups[$0] }))
    return result
  }

  /// The selection if no row can be held out and there is nothing to choose: its accuracy is 0 of 0.
  package static func unjudged(c: Double?, rule: SelectionRule, criterion: SelectionCriterion) -> Selection {
    let candidate = Candidate(
      c: c, folds: [], logLoss: nil, converged: true, judgment: (criterion, 0, 0))
    return Selection(method: .unjudged, candidates: [candidate], rule: rule, heldOut: [], predictions: [])
  }

  /// Whether the choice was evaluated on held-out rows.
  public var isJudged: Bool { method != .unjudged }

  /// The index that a rule chooses among candidates in increasing order of C.
  static func choose(_ candidates: [Candidate], _ rule: SelectionRule) -> Int {
    var best = 0
    for index in candidates.indices where candidates[index].isBetter(than: candidates[best]) { best = index }
    guard rule == .oneStandardError else { return best }
    return candidates.firstIndex { $0.isWithinOneStandardError(of: candidates[best]) } ?? best
  }
}

/// A choice of C with the model that was then fitted.
package struct SelectedModel: Hashable, Sendable {
  /// How C was chosen.
  package let selection: Selection
  /// The model for the chosen C.
  package let model: FittedLinearModel
}
