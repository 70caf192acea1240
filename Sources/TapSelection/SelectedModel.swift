// The result of a search for C: every tried value, the chosen value, and the model fitted with the chosen value.

import TapLinear
import TapMetrics

/// The method that evaluates values of C.
public enum SelectionMethod: Hashable, Sendable {
  /// The folds are held out in turn.
  case crossValidation(folds: Int)
  /// A validation part is held out.
  case validation(rows: Int)
  /// No method: no row can be held out, and there is only one value of C to fit with.
  case unjudged
}

/// The rule that chooses one of the tried values of C.
public enum SelectionRule: String, Hashable, Sendable, CaseIterable {
  /// The best value by the criterion. In a tie, the value with the smallest log loss is chosen; without log loss, the
  /// smallest value.
  case best = "best"
  /// The smallest value whose criterion is at most one standard error worse than the criterion of the best value. The
  /// difference between both results may be chance, and the model with the smallest C is the simplest.
  ///
  /// Source: Breiman, Friedman, Olshen and Stone, "Classification and regression trees" (1984), section 3.4.3.
  case oneStandardError = "one-se"
}

/// A value of C, and its results on held-out rows. The fit that predicts a row did not use this row.
public struct Candidate: Hashable, Sendable {
  /// The value that was tried; nil for a model that has no C.
  public let c: Double?
  /// The number of correct predictions on held-out rows, over all folds together. For repeated cross-validation, the
  /// number is the rounded mean over the repeats, so that each row counts once.
  ///
  /// `interval()` is Wilson's interval, which assumes that all predictions are independent. The interval ignores that
  /// folds share training rows. The interval also ignores that the best of several candidates is partly best by chance.
  /// A number for a report needs test data that the training did not use.
  public private(set) var accuracy: Proportion
  /// The number of correct predictions in each fold, repeat after repeat. With a validation part there is one entry.
  public let folds: [Proportion]
  /// The mean of -log p(label) over the held-out rows; nil for models whose scores are not probabilities.
  public let logLoss: Double?
  /// Whether every fit reached its tolerance.
  public let converged: Bool
  /// The criterion that compares candidates.
  public let criterion: SelectionCriterion
  /// The criterion's value for all held-out rows, over all folds and repeats together. For the log loss, a smaller
  /// value is better.
  public let score: Double
  /// The standard error of ``score``. ``SelectionRule/oneStandardError`` uses this error.
  /// ```
  /// √( Σ_f (s_f - s̄)² / (F - 1) / folds )     F folds of all repeats with scores s_f
  /// √( Σᵢ uᵢ² )                                one validation part, uᵢ a row's influence: √(a (1 - a) / n) of accuracy
  /// ```
  /// Repeats make the mean depend less on the division of rows into folds, but they add no rows. So the divisor is the
  /// number of folds of one repeat.
  public let standardError: Double
  /// The number of times that all rows were held out.
  package let repeats: Int

  /// A value of C with its results. `folds` has at least one entry, unless the candidate is unjudged.
  ///
  /// - Parameter judgment: the criterion's judgment; nil if the criterion is the accuracy.
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

  /// Replaces the interval of the accuracy by the interval of `shared`, which counts each held-out row once.
  mutating func take(_ shared: Proportion) { accuracy = accuracy.resampled(as: shared) }

  /// The standard error from the scores of at least two folds.
  static func standardError(of values: [Double], repeats: Int) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1) / Double(values.count / repeats)).squareRoot()
  }

  /// The difference between the criterion's values of this candidate and another one. It is positive if this candidate
  /// is better.
  private func lead(over other: Candidate) -> Double {
    criterion == .logLoss ? other.score - score : score - other.score
  }

  /// Whether this candidate is better by the criterion, or has the smaller log loss in a tie.
  ///
  /// If there are few rows, many values of C are equally good by the criterion. The smallest of these values would give
  /// probabilities that are too even.
  package func isBetter(than other: Candidate) -> Bool {
    if hasBetterScore(than: other) { return true }
    guard !other.hasBetterScore(than: self), let logLoss, let otherLoss = other.logLoss else { return false }
    return logLoss < otherLoss
  }

  /// Whether this candidate is better by the criterion. Scores that differ only by rounding count as equal.
  package func hasBetterScore(than other: Candidate) -> Bool {
    lead(over: other) > (criterion == .logLoss ? 0 : 1e-12)
  }

  /// Whether this candidate is better by the criterion, or has a smaller log loss in a tie. Log losses must differ by
  /// more than 0.001.
  func isClearlyBetter(than other: Candidate) -> Bool {
    if criterion != .logLoss {
      if hasBetterScore(than: other) { return true }
      if other.hasBetterScore(than: self) { return false }
    }
    return hasClearlySmallerLoss(than: other)
  }

  /// Whether this candidate's log loss is smaller by more than 0.001.
  func hasClearlySmallerLoss(than other: Candidate) -> Bool {
    guard let logLoss, let otherLoss = other.logLoss else { return false }
    return logLoss < otherLoss - 0.001
  }

  /// Whether this candidate is at most one standard error worse than `best` by the criterion. An excess of at most
  /// 1e-12 counts as rounding error.
  package func isWithinOneStandardError(of best: Candidate) -> Bool {
    lead(over: best) >= -best.standardError - 1e-12
  }
}

/// The value of C that a search chose, and the results behind the choice. A model without C has one candidate.
public struct Selection: Hashable, Sendable {
  /// The method that evaluated the candidates.
  public let method: SelectionMethod
  /// The candidates for the tried values, in increasing order of C.
  public let candidates: [Candidate]
  /// The rule that chose one of ``candidates``.
  public let rule: SelectionRule
  /// The number of times that all rows were held out.
  public var repeats: Int { chosen.repeats }
  /// The criterion that compared candidates.
  public var criterion: SelectionCriterion { chosen.criterion }
  /// The candidate that ``rule`` chose.
  public private(set) var chosen: Candidate
  /// The held-out rows, in the order of the first repeat's folds. Each row occurs once.
  public let heldOut: [Int]
  /// The class predicted for each row of ``heldOut`` with the chosen C.
  public let predictions: [Int]

  /// - Precondition: `candidates` is not empty, and `predictions` are those of the candidate that `rule` chooses.
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

  /// This selection with another interval of the chosen accuracy. The interval comes from drawing whole groups of
  /// held-out rows.
  ///
  /// - Parameters:
  ///   - labels: the class of every row of the matrix.
  ///   - groups: the number of the group of every row of the matrix; nil if rows are independent.
  package func inGroups(_ groups: [Int]?, labels: [Int]) -> Selection {
    guard let groups, isJudged else { return self }
    var result = self
    let hits = zip(heldOut, predictions).map { labels[$0] == $1 }
    result.chosen.take(Proportion(hits, groups: heldOut.map { groups[$0] }))
    return result
  }

  /// The selection if no row can be held out and there is only one value of C. Its accuracy is 0 of 0.
  package static func unjudged(c: Double?, rule: SelectionRule, criterion: SelectionCriterion) -> Selection {
    let candidate = Candidate(
      c: c, folds: [], logLoss: nil, converged: true, judgment: (criterion, 0, 0))
    return Selection(method: .unjudged, candidates: [candidate], rule: rule, heldOut: [], predictions: [])
  }

  /// Whether the choice was evaluated on held-out rows.
  public var isJudged: Bool { method != .unjudged }

  /// The index of the candidate that a rule chooses. The candidates are in increasing order of C.
  static func choose(_ candidates: [Candidate], _ rule: SelectionRule) -> Int {
    var best = 0
    for index in candidates.indices where candidates[index].isBetter(than: candidates[best]) { best = index }
    guard rule == .oneStandardError else { return best }
    return candidates.firstIndex { $0.isWithinOneStandardError(of: candidates[best]) } ?? best
  }
}

/// A choice of C, and the model fitted with this C.
package struct SelectedModel: Hashable, Sendable {
  /// The choice of C.
  package let selection: Selection
  /// The model for the chosen C.
  package let model: FittedLinearModel
}
