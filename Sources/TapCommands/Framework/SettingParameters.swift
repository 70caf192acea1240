// Settings as arguments of a command. The declarations belong to the settings; this file only parses a command line.

import LayerTap
import TapFormats
import TapSettings

/// Settings from one group that a command takes.
package struct SettingParameters<Group: SettingGroup>: Sendable {
  /// One setting: an option with one value, an option with several values, or a flag.
  private struct Entry: Sendable {
    let setting: Setting<Group>
    let value: Value
  }

  private enum Value: Sendable {
    case single(Parameter<JSONValue?>)
    case list(Parameter<[JSONValue]>)
    /// The options that turn the flag on and off; the help shows one of the two.
    case flag(on: Parameter<Bool>, off: Parameter<Bool>)
  }

  /// The values of the settings that have no option on the command line.
  package let base: Group
  private let entries: [Entry]

  /// - Parameters:
  ///   - settings: the settings that the command takes, in the order of its help.
  ///   - base: the values of the settings that have no option on the command line.
  ///   - lists: names of settings with one value for which this command takes several values.
  ///   - words: words that a list accepts besides the values of its setting, by the setting's name.
  ///   - repeated: names of settings with one value that this command compares if the option is given several times.
  ///     The values are then a list.
  ///   - searched: names of settings whose best value this command can search, if the user writes the word `auto`.
  ///   - offered: the values that shells offer for each setting, by the setting's name.
  package init(
    _ settings: [Setting<Group>], base: Group, lists: Set<String> = [],
    words: [String: [String]] = [:], repeated: Set<String> = [], searched: Set<String> = [],
    offered: [String: [String]] = [:]
  ) {
    self.base = base
    entries = settings.map { setting in
      Entry(
        setting: setting,
        value: Self.value(
          setting, base: base, isList: lists.contains(setting.name),
          words: words[setting.name] ?? [], isRepeated: repeated.contains(setting.name),
          isSearched: searched.contains(setting.name),
          offered: offered[setting.name] ?? []))
    }
  }

  private static var searchWord: String { "auto" }

  private static func value(
    _ setting: Setting<Group>, base: Group, isList: Bool, words: [String], isRepeated: Bool,
    isSearched: Bool, offered: [String]
  ) -> Value {
    let name = commandLineName(setting.name)
    let help = setting.help.spellingSettings(Self.spelled)
    if setting.values.isFlag {
      let isOn = setting.get(base) == .bool(true)
      let on = Parameter.flag(name, topic: setting.topic, isCommon: setting.isCommon, help: help)
      let off = Parameter.flag(
        "no-\(name)", topic: setting.topic, isCommon: setting.isCommon, help: setting.offHelp ?? help)
      return .flag(on: isOn ? on.hidden : on, off: isOn ? off : off.hidden)
    }
    let shownDefault = setting.shownDefault(of: base)
    let list = isList ? SettingValues.list(setting.values, isSet: true) : setting.values
    if let element = list.listElement {
      let defaults = setting.get(base)?.arrayValue ?? setting.get(base).map { [$0] } ?? []
      return .list(
        .list(
          name, type(element, expectation: list.expectation, words: words), valueName: setting.valueName,
          default: defaults, range: ([element.range] + words).joined(separator: ", "), topic: setting.topic,
          isCommon: setting.isCommon,
          help: help))
    }
    let joining: (@Sendable ([JSONValue]) -> JSONValue)? = isRepeated ? { @Sendable in .array($0) } : nil
    guard isSearched else {
      return .single(
        .optional(
          name, type(setting.values, path: setting.isPath ? .file : nil), valueName: setting.valueName,
          range: setting.values.range,
          defaultText: shownDefault, topic: setting.topic, isCommon: setting.isCommon, help: help,
          joining: joining
        ).offering(offered))
    }
    let type = type(setting.values)
    let choices = type.choices + [searchWord]
    return .single(
      .optional(
        name,
        ValueType(
          expectation: "one of \(choices.joined(separator: ", "))", choices: choices,
          parse: { $0 == searchWord ? .string($0) : type.parse($0) }, show: type.show),
        valueName: setting.valueName, range: choices.joined(separator: ", "), defaultText: shownDefault,
        topic: setting.topic, isCommon: setting.isCommon,
        help: "\(help) \(searchWord): the best of these on held-out training images."))
  }

  private static func spelled(_ name: String) -> String { "--" + commandLineName(name) }

  private static func type(
    _ values: SettingValues, expectation: String? = nil, words: [String] = [], path: PathKind? = nil
  ) -> ValueType<JSONValue> {
    ValueType(
      expectation: ([expectation ?? values.expectation] + words).joined(separator: ", or "),
      choices: values.wordChoices + words,
      parse: { words.contains($0) ? .string($0) : values.parsed($0).flatMap(values.accepted) }, show: \.typed,
      path: path)
  }

  /// The options in the order of the help. An option that only confirms a flag's default is accepted but not shown.
  package var declarations: [ArgumentDeclaration] {
    entries.flatMap { entry in
      switch entry.value {
      case .single(let parameter): [parameter.declaration]
      case .list(let parameter): [parameter.declaration]
      case .flag(let on, let off): [on.declaration, off.declaration]
      }
    }
  }

  /// The values on the command line, by the names of the settings.
  ///
  /// - Throws: ``UsageError`` for a flag that is turned both on and off.
  package func given(_ arguments: ParsedArguments) throws(UsageError) -> [String: JSONValue] {
    var given: [String: JSONValue] = [:]
    for entry in entries {
      let name = entry.setting.name
      switch entry.value {
      case .single(let parameter):
        guard arguments.has(parameter), let value = arguments[parameter] else { continue }
        // The word that asks for a search is not a value of the setting; only a command that searches accepts the word.
        if value == .string(Self.searchWord), entry.setting.values.accepted(value) == nil { continue }
        given[name] = value
      case .list(let parameter):
        if arguments.has(parameter) { given[name] = .array(arguments[parameter]) }
      case .flag(let on, let off):
        guard !(arguments[on] && arguments[off]) else {
          throw .contradiction(
            "'\(on.declaration.flagName)' and '\(off.declaration.flagName)' say the opposite of each other")
        }
        if arguments[on] || arguments[off] { given[name] = .bool(arguments[on]) }
      }
    }
    return given
  }

  /// The settings of a command line, including those that are not stated.
  ///
  /// - Parameters:
  ///   - base: the values of the settings that are not stated; nil means the command's own base.
  ///   - replacing: values in place of stated values of these settings.
  /// - Throws: ``UsageError``.
  package func value(
    _ arguments: ParsedArguments, over base: Group? = nil, replacing: [String: JSONValue] = [:]
  ) throws(UsageError) -> Group {
    var given = try given(arguments)
    for (name, value) in replacing where given[name] != nil { given[name] = value }
    do { return try (base ?? self.base).taking(given) } catch { throw UsageError(error) }
  }

  /// Whether the command line wants a search for the best value of a setting.
  package func isSearched(_ name: String, _ arguments: ParsedArguments) -> Bool {
    entries.contains { entry in
      guard entry.setting.name == name, case .single(let parameter) = entry.value, arguments.has(parameter),
        let value = arguments[parameter]
      else { return false }
      return value == .string(Self.searchWord) && entry.setting.values.accepted(value) == nil
    }
  }

  /// The option of the first of these settings that the command line states; nil if it states none of them.
  package func firstGiven(_ arguments: ParsedArguments) -> String? {
    declarations.first { arguments.has($0) }?.flagName
  }
}

/// The name of a setting on a command line: `l1-ratio` for `l1Ratio`.
func commandLineName(_ name: String) -> String {
  name.reduce(into: "") { text, character in
    text += character.isUppercase ? "-" + character.lowercased() : String(character)
  }
}

extension String {
  /// The text with each name in backquotes spelled as an option: `--folds`.
  var spellingOptions: String { spellingSettings { "--" + commandLineName($0) } }
}

extension UsageError {
  /// Converts an error of settings. The text of the error stays the same, but names of settings become names of
  /// options.
  init(_ error: SettingsError) {
    let spell = { (name: String) in "--" + commandLineName(name) }
    self = .contradiction("'\(spell(error.field))': \(error.problem(spell))")
  }
}
