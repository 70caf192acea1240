// All commands in a list, with the facts about each option for completions and the manual page.

/// A command with its full name.
package struct CommandPath: Sendable {
  package let command: Command
  /// Without the tool's own: `["store", "info"]`; empty for the tool.
  package let names: [String]

  /// `/store/info`; empty for the tool. Its name in scripts.
  var key: String { names.map { "/" + $0 }.joined() }

  /// The tool and every command below it, each before its subcommands.
  package static func all(of root: Command) -> [CommandPath] { below(root, []) }

  private static func below(_ command: Command, _ names: [String]) -> [CommandPath] {
    [CommandPath(command: command, names: names)]
      + command.subcommands.flatMap { below($0, names + [$0.name]) }
  }
}

extension ParameterDeclaration {
  /// As a user may type it: `-o`, `--output`.
  package var spellings: [String] { (short.map { ["-\($0)"] } ?? []) + [flagName] }

  /// The words that a shell offers for its value.
  package var offered: [String] { choices + names.filter { !choices.contains($0) } }

  /// The first sentence of its help, without the full stop.
  var summary: String { help.firstSentence }
}

extension String {
  /// Without its full stop.
  var firstSentence: String {
    let end = firstRange(of: ". ")?.lowerBound ?? endIndex
    let sentence = self[..<end]
    return String(sentence.hasSuffix(".") ? sentence.dropLast() : sentence)
  }

  /// In single quotes, as POSIX shells read it.
  var quotedForShell: String { "'" + replacing("'", with: "'\\''") + "'" }

}
