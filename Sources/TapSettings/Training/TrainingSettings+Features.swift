// The settings that transform features before a model is fitted.

import TapFormats
import TapLinear

extension TrainingSettings {
  /// The settings of normalized rows, principal components and scaling.
  static let featureSettings: [Setting<TrainingSettings>] = [
    Setting(
      "normalizeRows", .flag,
      topic: .model,
      help: "Divide each image's features by their Euclidean norm, before all else.",
      get: { .bool($0.transform.normalizesRows) },
      set: { settings, value in settings.transform.normalizesRows = value == .bool(true) }),
    Setting(
      "pca", .optional(.either([.integer(1...Int.max), .number(.fraction)]), word: "none"), valueName: "n",
      topic: .model,
      help:
        "Train on the first n principal components of the training images, or on enough for a share of the variance.",
      get: { $0.transform.components?.count.json ?? .null },
      set: { settings, value in
        guard let count = PrincipalComponents.Count(value) else {
          settings.transform.components = nil
          return
        }
        settings.transform.components = PrincipalComponents(
          count, whitens: settings.transform.components?.whitens ?? false)
      }),
    Setting(
      "whiten", .flag,
      topic: .model,
      help: "Divide each principal component by its standard deviation.",
      purpose: { _ in "there is nothing to whiten without `pca`" },
      get: { $0.transform.components.map { .bool($0.whitens) } },
      set: { settings, value in settings.transform.components?.whitens = value == .bool(true) }),
    Setting(
      "standardize", .words(of: Standardization.self), valueName: "rule",
      topic: .model,
      help: "How features are scaled before training; 'auto' is 'std', and 'none' with `pca`.",
      get: { .string($0.standardization.rawValue) },
      set: { settings, value in if let rule = Standardization(value) { settings.standardization = rule } }),
  ]
}

extension PrincipalComponents.Count {
  fileprivate var json: JSONValue {
    switch self {
    case .components(let count): .integer(count)
    case .variance(let share): .number(share)
    }
  }

  fileprivate init?(_ json: JSONValue) {
    if let count = json.intValue {
      self = .components(count)
    } else if let share = json.doubleValue {
      self = .variance(share)
    } else {
      return nil
    }
  }
}
