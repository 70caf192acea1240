// The declaration of one setting. Each setting is declared in only one place. The command line, the pipeline file, the
// canonical JSON, the keys of cached choices, the help, and the tables of the documentation are made from the
// declarations.

import TapFormats

/// A group of settings that together form one value.
package protocol SettingGroup: Hashable, Sendable {
  /// Every setting, in the order in which settings are read. If the meaning of a setting depends on another setting,
  /// the other setting comes first.
  static var settings: [Setting<Self>] { get }
  /// Example values. Each setting has a meaning in at least one example. The first example has all defaults.
  static var examples: [Self] { get }
  /// The error for the first rule between settings that is broken; nil if no rule is broken.
  var brokenRule: SettingsError? { get }
}

/// A setting of a group.
package struct Setting<Group: Sendable>: Sendable {
  /// The name in camel case, as files spell the setting: `testFraction`. A command line spells it `--test-fraction`.
  package let name: String
  /// The values that the setting may have.
  package let values: SettingValues
  /// The name of the value between angle brackets in the help.
  package let valueName: String
  /// A sentence for people, with names of settings in backquotes.
  package let help: String
  /// The topic of the setting in the help of a command line.
  package let topic: OptionTopic
  /// Whether the short help of a command with many options shows the setting.
  package let isCommon: Bool
  /// Whether a value can be the path of a file.
  package let isPath: Bool
  /// For a flag that is on by default, a sentence about the effect of turning it off; otherwise nil.
  package let offHelp: String?
  /// The behavior if the user states no value, in words; nil if the default describes the behavior.
  package let defaultText: String?
  /// Whether the choice of the column and C can depend on the setting.
  package let isOfChoice: Bool
  /// The reason why the setting has no meaning in a group for which ``get`` returns nil, with names of settings in
  /// backquotes.
  package let purpose: @Sendable (Group) -> String
  /// Returns the value; nil if the setting has no meaning with the other settings of the group.
  package let get: @Sendable (Group) -> JSONValue?
  /// Sets a value that ``values`` accepted. If the setting has no meaning in the group, nothing changes.
  package let set: @Sendable (inout Group, JSONValue) -> Void

  package init(
    _ name: String, _ values: SettingValues, valueName: String? = nil, defaultText: String? = nil,
    isOfChoice: Bool = true, topic: OptionTopic, isCommon: Bool = false, isPath: Bool = false,
    help: String, offHelp: String? = nil,
    purpose: @escaping @Sendable (Group) -> String = { _ in "it has no meaning here" },
    get: @escaping @Sendable (Group) -> JSONValue?,
    set: @escaping @Sendable (inout Group, JSONValue) -> Void
  ) {
    self.name = name
    self.values = values
    self.valueName = valueName ?? "value"
    self.defaultText = defaultText
    self.isOfChoice = isOfChoice
    self.topic = topic
    self.isCommon = isCommon
    self.isPath = isPath
    self.help = help
    self.offHelp = offHelp
    self.purpose = purpose
    self.get = get
    self.set = set
  }
}

extension SettingGroup {
  /// A copy of the value in which the given settings are replaced. Command lines, pipeline files and model files all
  /// set values by this function.
  ///
  /// - Parameter given: the new values, by the names of the settings.
  /// - Throws: ``SettingsError`` for an unknown name, a value that the setting does not take, a setting that has no
  /// meaning with the other settings, and every error of ``checkSettings()``.
  package func taking(_ given: [String: JSONValue]) throws(SettingsError) -> Self {
    try Self.taking(given, over: [self])[0]
  }

  /// Copies of several values in which the given settings are replaced, such as the settings of compared kinds of
  /// model. Each given setting must have a meaning for at least one of the values.
  package static func taking(
    _ given: [String: JSONValue], over bases: [Self]
  ) throws(SettingsError) -> [Self] {
    let known = settings.map(\.name)
    if let unknown = given.keys.filter({ !known.contains($0) }).min() {
      throw .unknown(field: unknown, known: known)
    }
    var results = bases
    for setting in settings {
      guard let value = given[setting.name] else { continue }
      guard let accepted = setting.values.accepted(value) else {
        throw .value(field: setting.name, found: value, expected: setting.values.expectation)
      }
      for index in results.indices { setting.set(&results[index], accepted) }
    }
    for setting in settings where given[setting.name] != nil {
      if results.allSatisfy({ setting.get($0) == nil }) {
        throw .rule(field: setting.name, setting.purpose(results[0]))
      }
    }
    for result in results { try result.checkSettings() }
    return results
  }

  /// Refuses values out of range and settings that contradict each other. The text of an error is the same for a
  /// command line and a pipeline file.
  package func checkSettings() throws(SettingsError) {
    for setting in Self.settings {
      guard let value = setting.get(self), setting.values.accepted(value) == nil else { continue }
      throw .value(field: setting.name, found: value, expected: setting.values.expectation)
    }
    if let brokenRule { throw brokenRule }
  }

  /// The canonical form: every setting that has a meaning, by name, including settings with their default.
  package var json: JSONValue { json { _ in true } }

  package func json(of isWanted: (Setting<Self>) -> Bool) -> JSONValue {
    var fields: [String: JSONValue] = [:]
    for setting in Self.settings where isWanted(setting) { fields[setting.name] = setting.get(self) }
    return .object(fields)
  }

  /// Reads the canonical form. A setting that the JSON does not state has its value in the first of ``examples``.
  ///
  /// - Throws: the errors of ``taking(_:)``.
  package init(json: JSONValue) throws(SettingsError) {
    guard let fields = json.objectValue else {
      throw .value(field: "settings", found: json, expected: "an object")
    }
    self = try Self.examples[0].taking(fields)
  }

  /// Reads settings from the text of a JSON object.
  ///
  /// - Throws: ``SettingsError``.
  package init(parsing text: String) throws(SettingsError) {
    let json: JSONValue
    do { json = try JSONValue.parse(text) } catch { throw .syntax(error) }
    try self.init(json: json)
  }
}

extension Setting where Group: SettingGroup {
  /// The behavior if the user states no value: a description, or the default as a user would type it. The result is nil
  /// if the help states no default.
  package func shownDefault(of base: Group) -> String? {
    if let defaultText { return defaultText }
    let value = get(base) ?? Group.examples.lazy.compactMap(get).first
    if value == .bool(false) || value == .null { return nil }
    return value?.typed
  }
}
