// The choice of C, in the form of a classifier's file.

import TapSelection

/// The method by which C and the column were chosen.
public struct SelectionRecord: Hashable, Sendable {
  /// The kind of rows that judged the values of C.
  public enum Method: Hashable, Sendable {
    /// Each fold of the rows was held out once. The whole division into folds was done `repeats` times.
    case crossValidation(folds: Int, repeats: Int)
    /// A validation part judged the values of C. `fraction` is the part's share of the training images of every class;
    /// nil if the user gave the validation part.
    case validation(fraction: Double?)
    /// No rows judged the values of C, because no image could be held out and there was nothing to choose.
    case unjudged
    /// A method that this program does not know, in the words of the file.
    case other(String)
  }

  /// The kind of rows that judged the values of C.
  public var method: Method
  /// The rule that picks one of the values of C.
  public var rule: SelectionRule
  /// The criterion by which the best value of C is determined.
  public var criterion: SelectionCriterion
  /// The values of C that were tried, ascending; empty for a model without C.
  public var tried: [Double]

  /// Creates a record of these parts.
  public init(
    _ method: Method, rule: SelectionRule = .best, criterion: SelectionCriterion = .accuracy,
    tried: [Double] = []
  ) {
    self.method = method
    self.rule = rule
    self.criterion = criterion
    self.tried = tried
  }

  /// Whether a validation part judged the values of C.
  public var isValidation: Bool { if case .validation = method { true } else { false } }
}
