// Errors of a command line and their texts. All have exit code 64.

import TapFormats

/// A command line that the tool does not understand.
package enum UsageError: Error, Equatable, CustomStringConvertible {
  case unknownCommand(String, suggestion: String?)
  case unknownOption(String, suggestion: String?)
  case missingValue(option: String)
  case unexpectedValue(flag: String, value: String)
  case missingArgument(String)
  case unexpectedArgument(String)
  case invalidValue(String, argument: String, expected: String, suggestion: String?)
  /// Arguments that contradict each other. The text gives the reason and the remedy.
  case contradiction(String)

  package var description: String {
    switch self {
    case .unknownCommand(let name, let suggestion):
      "Unknown command '\(name)'\(Self.question(suggestion))"
    case .unknownOption(let name, let suggestion):
      "Unknown option '\(name)'\(Self.question(suggestion))"
    case .missingValue(let option):
      "Missing value for '\(option)'"
    case .unexpectedValue(let flag, let value):
      "The option '\(flag)' takes no value, but '\(value)' was given"
    case .missingArgument(let label):
      "Missing expected argument '\(label)'"
    case .unexpectedArgument(let text):
      "Unexpected argument '\(text)'"
    case .invalidValue(let text, let argument, let expected, let suggestion):
      "The value '\(text)' is invalid for '\(argument)': expected \(expected)\(Self.question(suggestion))"
    case .contradiction(let reason):
      reason
    }
  }

  private static func question(_ suggestion: String?) -> String {
    suggestion.map { ". Did you mean '\($0)'?" } ?? ""
  }
}

/// The known name that the user probably meant by `text`.
func suggestion(for text: String, among names: [String]) -> String? {
  NearestName.nearest(to: text, in: names)
}

/// The known option that the user probably meant by `text`: the nearest option, or otherwise the only option that
/// starts with `text`.
func optionSuggestion(for text: String, among names: [String]) -> String? {
  if let nearest = suggestion(for: text, among: names) { return nearest }
  guard text.hasPrefix("--"), text.count >= 5 else { return nil }
  let begun = Set(names).filter { $0.hasPrefix(text) }
  return begun.count == 1 ? begun.first : nil
}
