// All settings of a list of images, as one value: which files belong to it, and what folders and names say.

import TapFormats

/// Which images are listed, how their folders are read, and which belong together.
public struct ListSettings: Hashable, Sendable {
  /// How folders at the top are read.
  public enum Folders: String, CaseIterable, Sendable {
    /// As their names and what lies in them say; where both readings are possible, that is an error.
    case automatic = "auto"
    /// As classes, whatever they are called.
    case classes
    /// As splits, with classes in them.
    case splits
  }

  /// What says which images belong together.
  public enum Grouping: Hashable, Sendable {
    /// A table, if it names groups; otherwise nothing, which is remarked upon where names look like parts of one thing.
    case automatic
    /// A table, if it names groups; otherwise nothing, and nothing is said.
    case none
    /// The folder that holds an image.
    case parent
    /// The name without its ending and the number at its end.
    case stem
    /// What a regular expression matches of the path: its first capture, or all of the match where it has none.
    case pattern(String)
  }

  /// Only what matches one of these patterns; empty: everything.
  public var include: [String] = []
  /// Nothing that matches one of these patterns.
  public var exclude: [String] = []
  /// How folders at the top are read.
  public var folders = Folders.automatic
  /// What says which images belong together.
  public var grouping = Grouping.automatic

  /// Everything, as folders and tables say.
  public init() {}
}

extension ListSettings: SettingGroup {
  /// Of whatever reads folders, labelled or not.
  package static let fileSettings: [Setting<ListSettings>] = [
    Setting(
      "include", .list(.text, isSet: true), valueName: "glob", defaultText: "all",
      topic: .data,
      help: """
        List only files that match one of these patterns: '*.png', 'train/*/front', '**/raw'. Without a slash a \
        pattern is about names of files and folders, with one about whole paths below the folder.
        """,
      get: { $0.include.isEmpty ? nil : .array($0.include.map(JSONValue.string)) },
      set: { settings, value in settings.include = value.arrayValue?.compactMap(\.stringValue) ?? [] }),
    Setting(
      "exclude", .list(.text, isSet: true), valueName: "glob", defaultText: "none",
      topic: .data,
      help: "Leave out what matches one of these patterns, and all that lies in folders that do.",
      get: { $0.exclude.isEmpty ? nil : .array($0.exclude.map(JSONValue.string)) },
      set: { settings, value in settings.exclude = value.arrayValue?.compactMap(\.stringValue) ?? [] }),
  ]

  /// Of whatever asks for classes or splits.
  package static let labelSettings: [Setting<ListSettings>] = [
    Setting(
      "folders", .words(of: Folders.self), valueName: "reading",
      topic: .data,
      help: """
        Whether folders at the top are classes or splits (train, val, test); 'auto' tells by their names and \
        what lies in them, and refuses where they may be both.
        """,
      get: { .string($0.folders.rawValue) },
      set: { settings, value in if let folders = Folders(value) { settings.folders = folders } })
  ]

  /// Of whatever holds images back or resamples them.
  package static let groupSettings: [Setting<ListSettings>] = [
    Setting(
      "groupBy", .either([.words(["auto", "none", "parent", "stem"]), .text]), valueName: "rule",
      topic: .data,
      help: """
        Which images belong together, and so to one side of every split: those of one folder ('parent'), of one \
        name but for the number at its end ('stem': part017_3.jpg is of part017), or of one match of a regular \
        expression in the path, of its first parentheses if it has some. 'auto' takes the groups of a table.
        """,
      get: { .string($0.grouping.text) },
      set: { settings, value in if let text = value.stringValue { settings.grouping = Grouping(text) } })
  ]

  package static let settings = fileSettings + labelSettings + groupSettings

  package static let examples: [ListSettings] = {
    var filtered = ListSettings()
    filtered.include = ["*.png"]
    filtered.exclude = ["masks"]
    return [ListSettings(), filtered]
  }()

  package var brokenRule: SettingsError? {
    guard case .pattern(let pattern) = grouping, (try? Regex(pattern)) == nil else { return nil }
    return .rule(
      field: "groupBy",
      "'\(pattern)' is neither parent nor stem nor a regular expression that can be read: expected one such as '(clip\\d+)_'"
    )
  }
}

extension ListSettings.Grouping {
  init(_ text: String) {
    switch text {
    case "auto": self = .automatic
    case "none": self = .none
    case "parent": self = .parent
    case "stem": self = .stem
    default: self = .pattern(text)
    }
  }

  /// As front ends spell it.
  package var text: String {
    switch self {
    case .automatic: "auto"
    case .none: "none"
    case .parent: "parent"
    case .stem: "stem"
    case .pattern(let pattern): pattern
    }
  }
}
