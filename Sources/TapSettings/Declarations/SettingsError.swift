// The errors of settings. Each rule has one wording.

import TapFormats

/// A setting that is unknown, invalid, or in contradiction with other settings.
public enum SettingsError: Error, Equatable, Sendable {
  /// The text is not valid JSON.
  case syntax(JSONError)
  /// No setting has this name.
  case unknown(field: String, known: [String])
  /// The setting does not take this value.
  case value(field: String, found: JSONValue, expected: String)
  /// A setting contradicts other settings. Names of settings are in backquotes.
  case rule(field: String, String)

  /// The setting's name.
  public var field: String {
    switch self {
    case .syntax(_): "settings"
    case .unknown(let field, _), .value(let field, _, _), .rule(let field, _): field
    }
  }

  /// The problem in words that follow the field's name. Names of settings are spelled by `spell`.
  package func problem(_ spell: (String) -> String) -> String {
    switch self {
    case .syntax(let error): return error.description
    case .unknown(let field, let known):
      let near = NearestName.nearest(to: field, in: known).map { "; did you mean \(spell($0))?" } ?? ";"
      return "there is no such field\(near) Known are \(known.joined(separator: ", "))"
    case .value(_, let found, let expected):
      return "expected \(expected), found \(found.shown)"
    case .rule(_, let text):
      return text.spellingSettings(spell)
    }
  }
}

extension String {
  /// The text in which `spell` replaces the names of settings, which stand in backquotes.
  package func spellingSettings(_ spell: (String) -> String) -> String {
    split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .map { $0.offset % 2 == 1 ? spell(String($0.element)) : String($0.element) }.joined()
  }
}

extension SettingsError: CustomStringConvertible {
  public var description: String { "the setting '\(field)': \(problem { "'\($0)'" })" }
}
