// An estimate of the accuracy that is independent of every choice, as a classifier's file keeps it.

import TapMetrics

/// The estimate of a training procedure by nested cross-validation.
///
/// Each outer fold is predicted by a model whose C and column were chosen, by cross-validation, on the other folds
/// alone. So the accuracy is that of the procedure, not of the resulting model, and it is unbiased; the cross-validated
/// accuracy of the chosen C is the best of several, and so slightly too high.
///
/// Source: Cawley and Talbot, "On over-fitting in model selection and subsequent selection bias in performance
/// evaluation" (2010).
public struct NestedEstimate: Hashable, Sendable {
  /// The choice without a fold.
  public struct Choice: Hashable, Sendable {
    /// The chosen column's name.
    public let column: String
    /// The chosen C; nil for a model that has none.
    public let c: Double?
    /// Whether the fits that the chosen C was judged by, and the one that predicted the fold, reached their tolerances.
    public let converged: Bool

    /// A choice of both.
    public init(column: String, c: Double?, converged: Bool = true) {
      self.column = column
      self.c = c
      self.converged = converged
    }
  }

  /// Correct predictions of all training items; the interval is Wilson's, or that of groups.
  public private(set) var accuracy: Proportion
  /// The same fold by fold.
  public let folds: [Proportion]
  /// The choice without each fold.
  public let chosen: [Choice]

  /// The estimate of these folds.
  ///
  /// - Precondition: at least one fold, and a choice for each.
  public init(folds: [Proportion], chosen: [Choice]) {
    precondition(
      !folds.isEmpty && folds.count == chosen.count, "\(chosen.count) choices, \(folds.count) folds"
    )
    self.folds = folds
    self.chosen = chosen
    accuracy = Proportion(
      successes: folds.reduce(0) { $0 + $1.successes }, count: folds.reduce(0) { $0 + $1.count })
  }

  /// The same with an interval from drawing whole groups, if `shared` has one.
  package func resampled(as shared: Proportion) -> NestedEstimate {
    var result = self
    result.accuracy = accuracy.resampled(as: shared)
    return result
  }
}
