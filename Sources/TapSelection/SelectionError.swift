// The reasons why rows cannot be split or a model cannot be selected.

import TapLinear

/// The reason why rows cannot be split or a model cannot be selected.
public enum SelectionError: Error, Equatable, CustomStringConvertible {
  /// The number of folds is below 2 or above the number of rows.
  case folds(Int, rows: Int)
  /// The fraction to hold out is not between 0 and 1.
  case fraction(Double)
  /// A class has fewer rows than a split needs.
  case classTooSmall(label: Int, rows: Int)
  /// The number of groups differs from the number of rows.
  case groupCount(expected: Int, found: Int)
  /// There are fewer groups than folds.
  case tooFewGroups(groups: Int, folds: Int)
  /// Groups keep a class in one fold, so that the fold's training part lacks the class.
  case classInOneFold(label: Int)
  /// The fraction to hold out is so small that no row is held out.
  case nothingHeldOut(fraction: Double)
  /// There is no value of C to try.
  case noCandidates
  /// A value of C is not finite, or not above 0.
  case candidate(c: Double)
  /// A label is outside `0..<classCount`.
  case labelOutOfRange(row: Int, label: Int, classCount: Int)
  /// A split has no training rows or no validation rows.
  case emptyPart(String)
  /// The criterion is the log loss, but the scores of some models are not probabilities.
  case noProbabilities
  /// The caller asked to stop.
  case interrupted
  /// Fitting failed.
  case model(LinearModelError)

  public var description: String {
    switch self {
    case .folds(let folds, let rows):
      "\(folds) folds of \(rows) rows; give from 2 folds up to one a row"
    case .fraction(let fraction):
      "a fraction of \(fraction) held out; it must lie between 0 and 1, both excluded"
    case .classTooSmall(let label, let rows):
      "class \(label) has \(rows) row\(rows == 1 ? "" : "s"); validation holds rows of each class back, so every "
        + "class needs at least 2: add rows, leave the class out, or give C a value"
    case .groupCount(let expected, let found):
      "\(found) groups for \(expected) rows; give one group a row"
    case .tooFewGroups(let groups, let folds):
      "\(groups) group\(groups == 1 ? "" : "s") cannot fill \(folds) folds; use fewer folds or finer groups"
    case .classInOneFold(let label):
      "all rows of class \(label) fall into one fold, because groups stay whole; spread the class over more groups, "
        + "use finer groups, or give C a value"
    case .nothingHeldOut(let fraction):
      "no row can be held out for a fraction of \(fraction); add rows or raise the fraction"
    case .noCandidates: "no values of C to choose from; give at least one"
    case .candidate(let c): "C is \(c); every value to choose from must be finite and above 0"
    case .labelOutOfRange(let row, let label, let classCount):
      "the label of row \(row) is \(label); with \(classCount) classes labels run from 0 to \(classCount - 1)"
    case .emptyPart(let part): "the \(part) part has no rows"
    case .noProbabilities:
      "scores of this model are no probabilities, so that there is no log loss to choose by; choose by accuracy, "
        + "balanced accuracy or macro F1"
    case .interrupted: "interrupted before the model was chosen"
    case .model(let error): error.description
    }
  }
}
