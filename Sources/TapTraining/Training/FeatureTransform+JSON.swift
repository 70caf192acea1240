// The settings of a transform, for keys and records.

import TapFormats
import TapLinear

extension FeatureTransform {
  /// The settings that differ from those of a transform that changes nothing.
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
