// The declaration of one setting. Both front ends, the canonical JSON, the keys of cached choices, the help and the
// tables of the documentation are made from it, so that a setting stands in one place.

import TapFormats

/// A group of settings that is one value.
package protocol SettingGroup: Hashable, Sendable {
  /// Every setting, in the order in which they are read: one that gives others their meaning goes before them.
  static var settings: [Setting<Self>] { get }
  /// Values under which, between them, every setting has a meaning; the first one has all defaults.
  static var examples: [Self] { get }
  /// The first of the rules between settings that the value breaks.
  var brokenRule: SettingsError? { get }
}

/// A setting of a group.
package struct Setting<Group: Sendable>: Sendable {
  /// In camel case, as files have it: `testFraction`. A command line writes `--test-fraction`.
  package let name: String
  /// The values it may have.
  package let values: SettingValues
  /// The name between angle brackets in the help.
  package let valueName: String
  /// A sentence for people; names of settings stand in backquotes.
  package let help: String
  /// Its topic in the help of a command line.
  package let topic: OptionTopic
  /// Whether the first help of a command with many options shows it.
  package let isCommon: Bool
  /// Whether a value can be the path of a file.
  package let isPath: Bool
  /// A sentence for a flag that is on unless it is turned off: what turning it off does.
  package let offHelp: String?
  /// The behavior without it, if its default does not state that.
  package let defaultText: String?
  /// Whether the choice of C and column can depend on it.
  package let isOfChoice: Bool
  /// Why it has no meaning in a group where ``get`` gives nil; names of settings stand in backquotes.
  package let purpose: @Sendable (Group) -> String
  /// Its value; nil where it has no meaning beside the other settings.
  package let get: @Sendable (Group) -> JSONValue?
  /// Takes a value that ``values`` accepted; where it has no meaning, nothing happens.
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
  /// The value with the given settings replaced. Command lines, pipeline files and model files all set values by this
  /// function.
  ///
  /// - Parameter given: by name.
  /// - Throws: ``SettingsError`` for a name that is no setting's, a value that it does not take, one that has no
  ///   meaning beside the others, and what ``checkSettings()`` refuses.
  package func taking(_ given: [String: JSONValue]) throws(SettingsError) -> Self {
    try Self.taking(given, over: [self])[0]
  }

  /// The same for several values at once, such as those of the kinds of model that are compared: a setting needs to
  /// have a meaning for one of them.
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

  /// Refuses values out of range and settings that contradict each other, by the words of every front end.
  package func checkSettings() throws(SettingsError) {
    for setting in Self.settings {
      guard let value = setting.get(self), setting.values.accepted(value) == nil else { continue }
      throw .value(field: setting.name, found: value, expected: setting.values.expectation)
    }
    if let brokenRule { throw brokenRule }
  }

  /// Every setting that has a meaning, by name: the canonical form, defaults written out.
  package var json: JSONValue { json { _ in true } }

  package func json(of isWanted: (Setting<Self>) -> Bool) -> JSONValue {
    var fields: [String: JSONValue] = [:]
    for setting in Self.settings where isWanted(setting) { fields[setting.name] = setting.get(self) }
    return .object(fields)
  }

  /// Reads the canonical form. A setting that it does not have is as it is in the first of ``examples``.
  ///
  /// - Throws: as ``taking(_:)``.
  package init(json: JSONValue) throws(SettingsError) {
    guard let fields = json.objectValue else {
      throw .value(field: "settings", found: json, expected: "an object")
    }
    self = try Self.examples[0].taking(fields)
  }

  /// Reads the text of a JSON object.
  ///
  /// - Throws: ``SettingsError``.
  package init(parsing text: String) throws(SettingsError) {
    let json: JSONValue
    do { json = try JSONValue.parse(text) } catch { throw .syntax(error) }
    try self.init(json: json)
  }
}

extension Setting where Group: SettingGroup {
  /// The behavior without it, as it would be typed or in words; nil if there is none to state.
  package func shownDefault(of base: Group) -> String? {
    if let defaultText { return defaultText }
    let value = get(base) ?? Group.examples.lazy.compactMap(get).first
    if value == .bool(false) || value == .null { return nil }
    return value?.typed
  }
}
