// An estimate of the accuracy from data that had no influence on any choice. A classifier's file contains the estimate.

import TapMetrics

/// The estimate of a training procedure by nested cross-validation.
///
/// Each outer fold is predicted by a model whose C and column were chosen by cross-validation on the other folds alone.
/// So the estimate is an unbiased accuracy of the procedure, not of the resulting model. In contrast, the
/// cross-validated accuracy of the chosen C is the best of several values, so this accuracy is slightly too high.
///
/// Source: Cawley and Talbot, "On over-fitting in model selection and subsequent selection bias in performance
/// evaluation" (2010).
public struct NestedEstimate: Hashable, Sendable {
  /// The choice of column and C, made without one fold.
  public struct Choice: Hashable, Sendable {
    /// The chosen column's name.
    public let column: String
    /// The chosen C; nil for a model without C.
    public let c: Double?
    /// Whether the fits that judged the chosen C and the fit that predicted the fold all reached their tolerances.
    public let converged: Bool

    /// Creates a choice of a column and a C.
    public init(column: String, c: Double?, converged: Bool = true) {
      self.column = column
      self.c = c
      self.converged = converged
    }
  }

  /// The correct predictions among all training items. The interval is Wilson's interval, or an interval from drawing
  /// groups.
  public private(set) var accuracy: Proportion
  /// The correct predictions in each fold.
  public let folds: [Proportion]
  /// The choices, one for each fold that was left out.
  public let chosen: [Choice]

  /// Creates the estimate from these folds.
  ///
  /// - Precondition: there is at least one fold, and one choice for each fold.
  public init(folds: [Proportion], chosen: [Choice]) {
    precondition(
      !folds.isEmpty && folds.count == chosen.count, "\(chosen.count) choices, \(folds.count) folds"
    )
    self.folds = folds
    self.chosen = chosen
    accuracy = Proportion(
      successes: folds.reduce(0) { $0 + $1.successes }, count: folds.reduce(0) { $0 + $1.count })
  }

  /// The same estimate with the interval from drawing whole groups, if `shared` has such an interval.
  package func resampled(as shared: Proportion) -> NestedEstimate {
    var result = self
    result.accuracy = accuracy.resampled(as: shared)
    return result
  }
}
