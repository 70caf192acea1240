// How C was chosen, as a classifier's file keeps it.

import TapSelection

/// What C and column were chosen by.
public struct SelectionRecord: Hashable, Sendable {
  /// Who judged.
  public enum Method: Hashable, Sendable {
    /// Rows held out in turn, as many times over as there are repeats.
    case crossValidation(folds: Int, repeats: Int)
    /// A validation part, which was this part of every class of the training images, or nil where it was given.
    case validation(fraction: Double?)
    /// Nobody: no image could be held out, and there was nothing to choose.
    case unjudged
    /// In the words of a file that says it otherwise.
    case other(String)
  }

  /// Who judged.
  public var method: Method
  /// Which of the values of C is taken.
  public var rule: SelectionRule
  /// What the best is best by.
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
