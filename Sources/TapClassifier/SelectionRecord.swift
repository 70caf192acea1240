// The choice of C, as a classifier's file keeps it.

import TapSelection

/// The method by which C and column were chosen.
public struct SelectionRecord: Hashable, Sendable {
  /// The rows that judged.
  public enum Method: Hashable, Sendable {
    /// Rows held out in turn, as many times over as there are repeats.
    case crossValidation(folds: Int, repeats: Int)
    /// A validation part, which was this part of every class of the training images, or nil where it was given.
    case validation(fraction: Double?)
    /// None: no image could be held out, and there was nothing to choose.
    case unjudged
    /// The words of a file with another method.
    case other(String)
  }

  /// The rows that judged.
  public var method: Method
  /// The rule that picks one of the values of C.
  public var rule: SelectionRule
  /// The criterion for the best.
  public var criterion: SelectionCriterion
  /// The values of C that were tried, ascending; empty for a model without C.
  public var tried: [Double]

  /// A record of these parts.
  public init(
    _ method: Method, rule: SelectionRule = .best, criterion: SelectionCriterion = .accuracy,
    tried: [Double] = []
  ) {
    self.method = method
    self.rule = rule
    self.criterion = criterion
    self.tried = tried
  }

  /// Whether a validation part judged.
  public var isValidation: Bool { if case .validation = method { true } else { false } }
}
