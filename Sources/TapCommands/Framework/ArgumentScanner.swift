// Splits a command line into the arguments that a command declares.
//
// Conventions: A value follows its option as `--name value` or `--name=value`. A declared short name is written `-n
// value`. A `--` ends the options, and a lone `-` is a positional argument. A list option takes every value up to the
// next option. If a required positional argument then has no value, it gets the last value of the list. For example, in
// `train --layers blocks.4 photos`, `photos` is not a layer but the positional argument.

/// Reads the words of a command line according to the declarations of a command.
package struct ArgumentScanner {
  private let declarations: [ArgumentDeclaration]
  /// Further names for the suggestion in the error about an unknown option, such as `--help`.
  private let others: [String]

  package init(declarations: [ArgumentDeclaration]) {
    self.declarations = declarations
    others = ["--help"]
  }

  package init(_ command: Command) {
    declarations = command.parameters
    others = command.options.map(\.flagName)
  }

  /// The value of every declared argument. An argument that was not given has its default.
  package func scan(_ words: [String]) throws(UsageError) -> ParsedArguments {
    var scan = Scan(declarations: declarations, others: others)
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        scan.positionals += rest
        scan.lastList = nil
        break
      }
      if Self.isOption(word) {
        try scan.takeOption(word, from: &rest)
      } else {
        scan.positionals.append(word)
        scan.lastList = nil
      }
    }
    return try scan.finish()
  }

  /// Whether a word starts an option: a hyphen followed by more characters, but not a negative number.
  static func isOption(_ word: String) -> Bool {
    guard word.hasPrefix("-"), word != "-" else { return false }
    let second = word.dropFirst().first
    return !(second?.isNumber ?? false) && second != "."
  }
}

/// The state of a scan.
private struct Scan {
  let declarations: [ArgumentDeclaration]
  let others: [String]
  var given: [String: [String]] = [:]
  var positionals: [String] = []
  /// The list option that took the last word, and the number of consecutive words that it took.
  var lastList: (name: String, words: Int)?

  mutating func takeOption(_ word: String, from rest: inout ArraySlice<String>) throws(UsageError) {
    lastList = nil
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    let inline = parts.count == 2 ? String(parts[1]) : nil
    let declaration = try option(named: name)
    guard declaration.form == .option else {
      if let inline { throw .unexpectedValue(flag: name, value: inline) }
      given[declaration.name] = []
      return
    }
    if let inline {
      give(declaration, inline)
      return
    }
    guard let first = rest.first, !ArgumentScanner.isOption(first) else {
      throw .missingValue(option: declaration.label)
    }
    give(declaration, rest.removeFirst())
    guard declaration.repeats else { return }
    var taken = 1
    while let next = rest.first, !ArgumentScanner.isOption(next) {
      give(declaration, rest.removeFirst())
      taken += 1
    }
    lastList = (declaration.name, taken)
  }

  private mutating func give(_ declaration: ArgumentDeclaration, _ text: String) {
    if declaration.repeats || declaration.isRepeatable {
      given[declaration.name, default: []].append(text)
    } else {
      given[declaration.name] = [text]
    }
  }

  private func option(named name: String) throws(UsageError) -> ArgumentDeclaration {
    let options = declarations.filter { $0.form != .positional }
    let match = options.first {
      $0.flagName == name || $0.short.map { "-\($0)" } == name
        || $0.aliases.contains { "--\($0)" == name }
    }
    if let match { return match }
    let known = options.filter { !$0.isHidden }.map(\.flagName) + others
    throw .unknownOption(name, suggestion: optionSuggestion(for: name, among: known))
  }

  mutating func finish() throws(UsageError) -> ParsedArguments {
    try placePositionals()
    var values: [String: any Sendable] = [:]
    for declaration in declarations {
      values[declaration.name] = try declaration.read(given[declaration.name])
    }
    return ParsedArguments(values: values, given: Set(given.keys))
  }

  private mutating func placePositionals() throws(UsageError) {
    let declared = declarations.filter { $0.form == .positional }
    let required = declared.count { positional in
      positional.isRequired || positional.substitute.map { given[$0] == nil } ?? false
    }
    if positionals.count < required, let list = lastList, list.words > required - positionals.count,
      let texts = given[list.name]
    {
      let missing = required - positionals.count
      positionals += texts.suffix(missing)
      given[list.name] = Array(texts.dropLast(missing))
    }
    var rest = positionals[...]
    for declaration in declared where !rest.isEmpty {
      if declaration.repeats {
        given[declaration.name] = Array(rest)
        rest = []
      } else {
        given[declaration.name] = [rest.removeFirst()]
      }
    }
    if let extra = rest.first { throw .unexpectedArgument(extra) }
  }
}

/// The values of a command's arguments.
package struct ParsedArguments: Sendable {
  fileprivate let values: [String: any Sendable]
  private let given: Set<String>

  fileprivate init(values: [String: any Sendable], given: Set<String>) {
    self.values = values
    self.given = given
  }

  /// The value of an argument that the command declares.
  package subscript<Value>(parameter: Parameter<Value>) -> Value {
    guard let box = values[parameter.declaration.name] as? Parameter<Value>.Box else {
      preconditionFailure("the command does not declare '\(parameter.declaration.name)'")
    }
    return box.value
  }

  /// Whether the argument stands on the command line itself.
  package func has<Value>(_ parameter: Parameter<Value>) -> Bool { has(parameter.declaration) }

  package func has(_ declaration: ArgumentDeclaration) -> Bool { given.contains(declaration.name) }
}
