// The settings of a transform, in keys and records.

import TapFormats
import TapLinear

extension FeatureTransform {
  /// The settings that differ from no transform.
  package var json: JSONValue {
    var fields: [String: JSONValue] = [:]
    if normalizesRows { fields["normalizeRows"] = .bool(true) }
    if let components {
      switch components.count {
      case .components(let count): fields["pca"] = .integer(count)
      case .variance(let share): fields["pca"] = .number(share)
      }
      if components.whitens { fields["whiten"] = .bool(true) }
    }
    return .object(fields)
  }
}
