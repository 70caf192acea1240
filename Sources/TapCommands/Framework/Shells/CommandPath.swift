// All commands in a list, with the facts about each option that completions and the manual page need.

/// A command with its full name.
package struct CommandPath: Sendable {
  package let command: Command
  /// The words after the tool's name: `["store", "info"]`. The value is empty for the tool itself.
  package let names: [String]

  /// The name of the command in scripts: `/store/info`. The value is empty for the tool itself.
  var key: String { names.map { "/" + $0 }.joined() }

  /// The tool and all its commands. Each command comes before its subcommands.
  package static func all(of root: Command) -> [CommandPath] { below(root, []) }

  private static func below(_ command: Command, _ names: [String]) -> [CommandPath] {
    [CommandPath(command: command, names: names)]
      + command.subcommands.flatMap { below($0, names + [$0.name]) }
  }
}

extension ArgumentDeclaration {
  /// The spellings that a user may type: `-o`, `--output`.
  package var spellings: [String] { (short.map { ["-\($0)"] } ?? []) + [flagName] }

  /// The words that a shell offers for the option's value.
  package var offered: [String] { choices + names.filter { !choices.contains($0) } }

  /// The first sentence of the option's help, without its period.
  var summary: String { help.firstSentence }
}

extension String {
  /// The first sentence of the text, without its period.
  var firstSentence: String {
    let end = firstRange(of: ". ")?.lowerBound ?? endIndex
    let sentence = self[..<end]
    return String(sentence.hasSuffix(".") ? sentence.dropLast() : sentence)
  }

  /// The text in single quotes, as POSIX shells read it.
  var quotedForShell: String { "'" + replacing("'", with: "'\\''") + "'" }

}
