// All settings of a list of images, as one value: the files in the list, and the meaning of folders and names.

import TapFormats

/// The settings that choose images, read their folders, and put images into groups.
public struct ListSettings: Hashable, Sendable {
  /// How the folders at the top are read.
  public enum Folders: String, CaseIterable, Sendable {
    /// The folders' names and contents decide whether the folders are classes or splits. If both are possible, that is
    /// an error.
    case automatic = "auto"
    /// The folders are classes, with any names.
    case classes
    /// The folders are splits, which contain folders of classes.
    case splits
  }

  /// The rule that puts images into groups.
  public enum Grouping: Hashable, Sendable {
    /// A table gives the groups, if the table names groups. Otherwise no groups are made. A warning is given if names
    /// look like parts of one thing.
    case automatic
    /// A table gives the groups, if the table names groups. Otherwise no groups are made, and no warning is given.
    case none
    /// Images in the same folder are a group.
    case parent
    /// Images are a group if their file names are the same without the ending and without the number at the end of the
    /// name.
    case stem
    /// The match of a regular expression in the path names the group: its first capture, or the whole match if the
    /// expression has no capture.
    case pattern(String)
  }

  /// Patterns of the files to take. A file must match at least one pattern. If the list is empty, all files are taken.
  public var include: [String] = []
  /// Patterns of the files to leave out. A file that matches one of the patterns is left out.
  public var exclude: [String] = []
  /// How the folders at the top are read.
  public var folders = Folders.automatic
  /// The column of a table, or the field of JSON lines, that has the labels. If it is nil, the name is `label`, else
  /// `class`.
  public var labelField: String?
  /// The rule that puts images into groups.
  public var grouping = Grouping.automatic

  /// Creates the default settings: all files, with classes, splits and groups from folders and tables.
  public init() {}
}

extension ListSettings: SettingGroup {
  /// The settings of commands that read folders, with or without labels.
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

  /// The settings of commands that need classes or splits.
  package static let labelSettings: [Setting<ListSettings>] = [
    Setting(
      "folders", .words(of: Folders.self), valueName: "reading",
      topic: .data,
      help: """
        Whether folders at the top are classes or splits (train, val, test); 'auto' tells by their names and \
        what lies in them, and refuses where they may be both.
        """,
      get: { .string($0.folders.rawValue) },
      set: { settings, value in if let folders = Folders(value) { settings.folders = folders } }),
    Setting(
      "labelField", .text, valueName: "name", defaultText: "label, else class",
      topic: .data,
      help: "The column of a list, or the field of its JSON lines, that has the labels.",
      get: { $0.labelField.map(JSONValue.string) },
      set: { settings, value in settings.labelField = value.stringValue }),
  ]

  /// The settings of commands that hold back images or resample images.
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
    filtered.labelField = "breed"
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

  /// The text by which settings name this grouping.
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
