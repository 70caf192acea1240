// The errors of an audit.

import TapLinear
import TapText
import TapTraining

/// An audit failed.
package enum AuditError: Error, Equatable, CustomStringConvertible {
  /// A feature is not finite, or the features cannot be scaled.
  case model(LinearModelError)
  /// The features have too many columns for one factorization.
  case tooWide(rows: Int, columns: Int, limit: Int)
  /// The classifier cannot judge an item, because a feature is not finite, or the data are invalid.
  case training(TrainingError)

  package var description: String {
    switch self {
    case .model(let error): error.description
    case .tooWide(let rows, let columns, let limit):
      "\(NumberText.grouped(rows)) images with \(NumberText.grouped(columns)) values each: labels are audited with at most "
        + "\(NumberText.grouped(limit)) values; take fewer layers or poolings"
    case .training(let error): error.description
    }
  }
}
