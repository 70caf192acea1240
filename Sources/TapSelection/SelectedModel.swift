// What a search for C found: every value that was tried, the one that was chosen, and the model fitted with it.

import TapLinear
import TapMetrics

/// How a value of C was judged.
public enum SelectionMethod: Hashable, Sendable {
  /// By rows held out in turn.
  case crossValidation(folds: Int)
  /// By a validation part.
  case validation(rows: Int)
  /// By nothing: no row can be held out, and there is one value to fit with.
  case unjudged
}

/// Which of the values of C that were tried is chosen.
public enum SelectionRule: String, Hashable, Sendable, CaseIterable {
  /// The best by the criterion; of equals that with the smallest log loss; where there is none, the smallest.
  case best = "best"
  /// The smallest that the criterion puts at most one standard error behind the best one: as good as can be told, and the
  /// simplest.
  ///
  /// Source: Breiman, Friedman, Olshen and Stone, "Classification and regression trees" (1984), section 3.4.3.
  case oneStandardError = "one-se"
}

/// A value of C and how it did on rows that it was not fitted on.
public struct Candidate: Hashable, Sendable {
  /// The value that was tried; nil for a model that has no C.
  public let c: Double?
  /// Correct predictions of all rows held out, over all folds together; of repeated cross-validation the mean over the
  /// repeats, rounded, so that no row counts twice.
  ///
  /// Its `interval()` is Wilson's over these pooled predictions. That takes them to be independent: it leaves out that
  /// folds share training rows, and that the best of several candidates is a little lucky. A number to report needs
  /// test data that took no part.
  public private(set) var accuracy: Proportion
  /// The same fold by fold, repeat after repeat; one entry for a validation part.
  public let folds: [Proportion]
  /// The mean of -log p(label) over the same rows; nil for models whose scores are no probabilities.
  public let logLoss: Double?
  /// Whether every fit reached its tolerance.
  public let converged: Bool
  /// What candidates are compared by.
  public let criterion: SelectionCriterion
  /// What the criterion says of all rows held out, over all folds and repeats together; of log loss the smaller is better.
  public let score: Double
  /// The standard error of ``score``, as ``SelectionRule/oneStandardError`` takes it.
  /// ```
  /// √( Σ_f (s_f - s̄)² / (F - 1) / folds )        F folds of all repeats with scores s_f
  /// √( Σᵢ uᵢ² )                                   one validation part, uᵢ a row's influence: √(a (1 - a) / n) of accuracy
  /// ```
  /// Repeats average out how rows were dealt into folds, but they add no rows: the divisor is the number of folds of one
  /// repeat.
  public let standardError: Double
  /// How many times all rows were held out.
  package let repeats: Int

  /// A value of C with what is known of it; accuracies have at least one entry.
  ///
  /// - Parameter judgement: what the criterion says; nil: the accuracy.
  /// - Precondition: each of the `repeats` holds out the same number of rows.
  package init(
    c: Double?, folds: [Proportion], repeats: Int = 1, logLoss: Double?, converged: Bool,
    judgement: (criterion: SelectionCriterion, score: Double, standardError: Double)? = nil
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
    criterion = judgement?.criterion ?? .accuracy
    score = judgement?.score ?? Double(successes) / Double(count)
    standardError =
      judgement?.standardError
      ?? (folds.count > 1
        ? Self.standardError(of: folds.map(\.value), repeats: repeats)
        : (accuracy.value * (1 - accuracy.value) / Double(accuracy.count)).squareRoot())
  }

  /// Takes the interval of the rows that judged, counted once.
  mutating func take(_ shared: Proportion) { accuracy = accuracy.resampled(as: shared) }

  /// From scores of folds, at least two.
  static func standardError(of values: [Double], repeats: Int) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1) / Double(values.count / repeats)).squareRoot()
  }

  /// By how much the criterion puts it before another.
  private func lead(over other: Candidate) -> Double {
    criterion == .logLoss ? other.score - score : score - other.score
  }

  /// Better by the criterion, or as good and surer of what is right.
  ///
  /// Where rows are few, many values of C are equally good, and the smallest of them would leave probabilities flat.
  package func isBetter(than other: Candidate) -> Bool {
    if hasBetterScore(than: other) { return true }
    guard !other.hasBetterScore(than: self), let logLoss, let otherLoss = other.logLoss else { return false }
    return logLoss < otherLoss
  }

  /// Better by the criterion. Sums of shares that differ by rounding alone are equal.
  package func hasBetterScore(than other: Candidate) -> Bool {
    lead(over: other) > (criterion == .logLoss ? 0 : 1e-12)
  }

  /// Better by the criterion, or as good with a smaller log loss; a log loss by more than a thousandth.
  func isClearlyBetter(than other: Candidate) -> Bool {
    if criterion != .logLoss {
      if hasBetterScore(than: other) { return true }
      if other.hasBetterScore(than: self) { return false }
    }
    return hasClearlySmallerLoss(than: other)
  }

  /// A log loss smaller by more than a thousandth.
  func hasClearlySmallerLoss(than other: Candidate) -> Bool {
    guard let logLoss, let otherLoss = other.logLoss else { return false }
    return logLoss < otherLoss - 0.001
  }

  /// Whether the criterion puts it at most one standard error behind `best`. A share of a row more is rounding.
  func isWithinOneStandardError(of best: Candidate) -> Bool {
    lead(over: best) >= -best.standardError - 1e-12
  }
}

/// The value of C that a ``RegularizationSearch`` chose, and by what. Of a model without C there is one candidate.
public struct Selection: Hashable, Sendable {
  /// What the choice was made by.
  public let method: SelectionMethod
  /// The values that were tried, ascending in C.
  public let candidates: [Candidate]
  /// Which of ``candidates`` was taken.
  public let rule: SelectionRule
  /// How many times all rows were held out.
  public var repeats: Int { chosen.repeats }
  /// What candidates were compared by.
  public var criterion: SelectionCriterion { chosen.criterion }
  /// What ``rule`` takes.
  public private(set) var chosen: Candidate
  /// The rows that judged: each once, as the first repeat held them out.
  public let heldOut: [Int]
  /// The class that the chosen C predicted for each of ``heldOut``.
  public let predictions: [Int]

  /// - Precondition: `candidates` is not empty, `predictions` belong to the one that `rule` takes.
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

  /// The same, the interval of the chosen accuracy from drawing whole groups of the rows that judged.
  ///
  /// - Parameters:
  ///   - labels: of every row of the matrix.
  ///   - groups: a number for every row of the matrix; nil where rows are independent.
  package func inGroups(_ groups: [Int]?, labels: [Int]) -> Selection {
    guard let groups, isJudged else { return self }
    var result = self
    let hits = zip(heldOut, predictions).map { labels[$0] == $1 }
    result.chosen.take(Proportion(hits, groups: heldOut.map { groups[$0] }))
    return result
  }

  /// What is fitted where no row can be held out and there is nothing to choose: its accuracy is 0 of 0.
  package static func unjudged(c: Double?, rule: SelectionRule, criterion: SelectionCriterion) -> Selection {
    let candidate = Candidate(
      c: c, folds: [], logLoss: nil, converged: true, judgement: (criterion, 0, 0))
    return Selection(method: .unjudged, candidates: [candidate], rule: rule, heldOut: [], predictions: [])
  }

  /// Whether rows held out say how good the choice is.
  public var isJudged: Bool { method != .unjudged }

  /// The index that a rule takes, of candidates ascending in C.
  static func choose(_ candidates: [Candidate], _ rule: SelectionRule) -> Int {
    var best = 0
    for index in candidates.indices where candidates[index].isBetter(than: candidates[best]) { best = index }
    guard rule == .oneStandardError else { return best }
    return candidates.firstIndex { $0.isWithinOneStandardError(of: candidates[best]) } ?? best
  }
}

/// A choice of C with the model that was then fitted.
public struct SelectedModel: Hashable, Sendable {
  /// How C was chosen.
  public let selection: Selection
  /// The model for the chosen C.
  public let model: FittedLinearModel
}
