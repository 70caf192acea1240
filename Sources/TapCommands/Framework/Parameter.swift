// Declarations of a command's arguments, as data. The scanner parses a command line by the declarations. The help
// formatter describes the declarations. A command reads the values of its arguments by the declarations.

import TapSettings

/// One argument of a command: a positional, an option with a value, or a flag.
package struct ArgumentDeclaration: Sendable {
  package enum Form: Sendable {
    /// An argument identified by its position.
    case positional
    /// An option with a value: `--name value` or `--name=value`.
    case option
    /// An option without a value: `--name`.
    case flag
  }

  /// The name in lower case with hyphens: `crop-fraction`. No other argument of the command has this name.
  let name: String
  /// Other accepted names that are not shown.
  var aliases: [String] = []
  /// Whether the argument is accepted but not shown.
  var isHidden = false
  package let short: Character?
  let form: Form
  /// Whether the argument takes several values. They are separated by commas, or follow each other up to the next
  /// option, or come from a repeated option. Positional arguments are not split at commas.
  let repeats: Bool
  /// Whether an option with one value adds a value each time it is given. Otherwise the last value is used.
  var isRepeatable = false
  let isRequired: Bool
  /// The name of an option that can replace a required positional argument.
  var substitute: String?
  /// The name of the value between angle brackets in the help.
  let valueName: String
  package let choices: [String]
  /// The kind of path, if a value is a path. Shells complete paths.
  let path: PathKind?
  /// Names that the argument accepts besides ``choices``, for shells to offer.
  var names: [String] = []
  /// The values as the help describes them; by default the choices.
  let range: String
  /// The default as a user would type it; nil if the help shows no default.
  let defaultText: String?
  let help: String
  /// The topic of the argument. If a command has many options, its help shows the options by topic.
  let topic: OptionTopic
  /// Whether the short help of a command with many options shows the argument.
  package let isCommon: Bool
  /// Converts the given texts into a `Value<…>`, the box that `ParsedArguments` keeps. The texts are nil if the
  /// argument was not given.
  let read: @Sendable ([String]?) throws(UsageError) -> any Sendable

  /// The name of the argument in messages and help: `--store <dir>`, `--dry-run`, `<images> ...`.
  var label: String {
    switch form {
    case .positional: "<\(valueName)>" + (repeats ? " ..." : "")
    case .option: "\(flagName) <\(valueName)>" + (repeats ? " ..." : "")
    case .flag: flagName
    }
  }

  package var flagName: String { "--\(name)" }
}

/// An argument whose values have one type. A command declares the argument and reads its value with this type.
package struct Parameter<Value: Sendable>: Sendable {
  package private(set) var declaration: ArgumentDeclaration

  /// The same argument with another accepted name that the help does not show.
  func alias(_ name: String) -> Parameter {
    var result = self
    result.declaration.aliases.append(name)
    return result
  }

  /// The same argument, required unless the option `name` is given.
  func unless(_ name: String) -> Parameter {
    var result = self
    result.declaration.substitute = name
    return result
  }

  /// The same argument, accepted but not shown.
  var hidden: Parameter {
    var result = self
    result.declaration.isHidden = true
    return result
  }

  /// The same argument, for which shells also offer these names.
  func offering(_ names: [String]) -> Parameter {
    var result = self
    result.declaration.names = names
    return result
  }

  /// A box around a value of this type, so that the nil of an optional value can be stored.
  struct Box: Sendable { let value: Value }

  private init(
    _ name: String, short: Character? = nil, form: ArgumentDeclaration.Form, repeats: Bool = false,
    isRequired: Bool = false, valueName: String, choices: [String] = [], path: PathKind? = nil,
    range: String? = nil,
    defaultText: String? = nil, topic: OptionTopic = .general, isCommon: Bool = false, help: String,
    read: @escaping @Sendable ([String]?, String) throws(UsageError) -> Value
  ) {
    let label = "--\(name)" + (form == .option ? " <\(valueName)>" : "")
    let shownLabel = form == .positional ? "<\(valueName)>" : label
    declaration = ArgumentDeclaration(
      name: name, short: short, form: form, repeats: repeats, isRequired: isRequired,
      valueName: valueName, choices: choices, path: path, range: range ?? choices.joined(separator: ", "),
      defaultText: defaultText, help: help, topic: topic, isCommon: isCommon,
      read: { texts throws(UsageError) in Box(value: try read(texts, shownLabel)) })
  }

  private static func parse<Element>(
    _ text: String, as type: ValueType<Element>, for label: String
  ) throws(UsageError) -> Element {
    guard let value = type.parse(text) else {
      throw .invalidValue(
        text, argument: label, expected: type.expectation,
        suggestion: suggestion(for: text, among: type.choices))
    }
    return value
  }

  /// An option with one value and a default. If the option is given twice, the last value is used.
  package static func option(
    _ name: String, short: Character? = nil, _ type: ValueType<Value>, valueName: String? = nil,
    default defaultValue: Value, topic: OptionTopic = .general, isCommon: Bool = false, help: String
  ) -> Parameter {
    Parameter(
      name, short: short, form: .option, valueName: valueName ?? name, choices: type.choices, path: type.path,
      defaultText: type.show(defaultValue), topic: topic, isCommon: isCommon, help: help
    ) { texts, label throws(UsageError) in
      guard let text = texts?.last else { return defaultValue }
      return try parse(text, as: type, for: label)
    }
  }

  /// An option with one value, which may be absent. `defaultText` describes the absent value in the help.
  ///
  /// - Parameter joining: makes one value of the values of an option that is given several times; nil takes the last
  ///   one.
  package static func optional<Wrapped>(
    _ name: String, short: Character? = nil, _ type: ValueType<Wrapped>, valueName: String? = nil,
    range: String? = nil, defaultText: String? = nil, topic: OptionTopic = .general, isCommon: Bool = false,
    help: String, joining: (@Sendable ([Wrapped]) -> Wrapped)? = nil
  ) -> Parameter where Value == Wrapped? {
    var parameter = Parameter(
      name, short: short, form: .option, valueName: valueName ?? name, choices: type.choices, path: type.path,
      range: range,
      defaultText: defaultText, topic: topic, isCommon: isCommon, help: help
    ) { texts, label throws(UsageError) in
      guard let texts, let last = texts.last else { return nil }
      guard let joining, texts.count > 1 else { return try parse(last, as: type, for: label) }
      var values: [Wrapped] = []
      for text in texts { values.append(try parse(text, as: type, for: label)) }
      return joining(values)
    }
    parameter.declaration.isRepeatable = joining != nil
    return parameter
  }

  /// An option with any number of values: `--layers a b`, `--layers a,b`, `--layers a --layers b`.
  package static func list<Element>(
    _ name: String, short: Character? = nil, _ type: ValueType<Element>, valueName: String? = nil,
    default defaultValue: [Element], range: String? = nil, topic: OptionTopic = .general,
    isCommon: Bool = false, help: String
  ) -> Parameter where Value == [Element] {
    Parameter(
      name, short: short, form: .option, repeats: true, valueName: valueName ?? name,
      choices: type.choices, path: type.path, range: range,
      defaultText: defaultValue.isEmpty ? nil : defaultValue.map(type.show).joined(separator: ","),
      topic: topic, isCommon: isCommon, help: help
    ) { texts, label throws(UsageError) in
      guard let texts else { return defaultValue }
      var values: [Element] = []
      for text in texts {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
          values.append(try parse(String(part), as: type, for: label))
        }
      }
      return values
    }
  }

  /// A flag, which is false unless it is given.
  package static func flag(
    _ name: String, short: Character? = nil, topic: OptionTopic = .general, isCommon: Bool = false,
    help: String
  ) -> Parameter where Value == Bool {
    Parameter(name, short: short, form: .flag, valueName: name, topic: topic, isCommon: isCommon, help: help) {
      texts, _ in
      texts != nil
    }
  }

  /// A required positional argument.
  package static func positional(
    _ name: String, _ type: ValueType<Value>, help: String
  ) -> Parameter {
    Parameter(
      name, form: .positional, isRequired: true, valueName: name, choices: type.choices, path: type.path,
      help: help
    ) { texts, label throws(UsageError) in
      guard let text = texts?.last else { throw .missingArgument(label) }
      return try parse(text, as: type, for: label)
    }
  }

  /// A positional argument that a user may leave out.
  package static func positional(
    _ name: String, _ type: ValueType<Value>, default defaultValue: Value, help: String
  ) -> Parameter {
    Parameter(
      name, form: .positional, valueName: name, choices: type.choices, path: type.path,
      defaultText: type.show(defaultValue), help: help
    ) { texts, label throws(UsageError) in
      guard let text = texts?.last else { return defaultValue }
      return try parse(text, as: type, for: label)
    }
  }

  /// A positional argument that is required unless the option `substitute` is given.
  package static func positional<Element>(
    _ name: String, _ type: ValueType<Element>, unless substitute: String, help: String
  ) -> Parameter where Value == Element? {
    Parameter(
      name, form: .positional, isRequired: false, valueName: name, choices: type.choices, path: type.path,
      help: help
    ) { texts, label throws(UsageError) in
      guard let text = texts?.last else { return nil }
      return try parse(text, as: type, for: label)
    }.unless(substitute)
  }

  /// The positional arguments from this place on: at least one, or any number with `isRequired: false`.
  package static func positionals<Element>(
    _ name: String, _ type: ValueType<Element>, isRequired: Bool = true, help: String
  ) -> Parameter where Value == [Element] {
    Parameter(
      name, form: .positional, repeats: true, isRequired: isRequired, valueName: name,
      choices: type.choices, path: type.path, help: help
    ) { texts, label throws(UsageError) in
      guard let texts else {
        if isRequired { throw .missingArgument("\(label) ...") }
        return []
      }
      var values: [Element] = []
      for text in texts { values.append(try parse(text, as: type, for: label)) }
      return values
    }
  }
}
