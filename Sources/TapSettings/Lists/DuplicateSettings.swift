// The settings that keep equal and nearly equal images together.

import TapFormats

/// The settings that put equal and nearly equal images into one group.
///
/// Images of one group are on one side of every split.
public struct DuplicateSettings: Hashable, Sendable {
  /// Whether equal and nearly equal images are in one group.
  public var areGrouped = false
  /// The smallest cosine of the features of nearly equal images, above 0 and at most 1.
  public var threshold = DuplicateSettings.usualThreshold

  /// The default of ``threshold``.
  public static let usualThreshold = 0.97

  /// Creates the default settings: no groups.
  public init() {}
}

extension DuplicateSettings: SettingGroup {
  package static let settings: [Setting<DuplicateSettings>] = [
    Setting(
      "groupDuplicates", .flag, topic: .data,
      help: """
        Keep equal and nearly equal images on one side of every split. Images are nearly equal if their features have a \
        cosine of at least `near`. A split of folders or of a table stays, and a line counts the images that it divides.
        """,
      get: { .bool($0.areGrouped) },
      set: { settings, value in settings.areGrouped = value.boolValue ?? false }),
    Setting(
      "near", .number(.share), valueName: "cosine", topic: .data,
      help: "The smallest cosine of the features of nearly equal images, with `groupDuplicates`.",
      purpose: { _ in "it is for `groupDuplicates`" },
      get: { $0.areGrouped ? .number($0.threshold) : nil },
      set: { settings, value in
        if settings.areGrouped, let threshold = value.doubleValue { settings.threshold = threshold }
      }),
  ]

  package static let examples: [DuplicateSettings] = {
    var grouped = DuplicateSettings()
    grouped.areGrouped = true
    return [DuplicateSettings(), grouped]
  }()

  package var brokenRule: SettingsError? { nil }
}
