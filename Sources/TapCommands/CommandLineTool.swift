// The commands of the tool, and the search for the command that a command line names.

import Glibc
import LayerTap
import TapFileSystem

/// The command-line tool `layertap`.
package enum CommandLineTool {
  /// The semantic version of the program.
  package static let version = Release.version

  package static let root: Command = .init(
    "layertap",
    overview: "Tap a frozen convolutional backbone at any layer; train a linear model on what comes out.",
    version: version,
    subcommands: [
      .extract, .train, .evaluate, .predict, .explain, .classify, .compare, .audit, .layers, .similarity, .similar,
      .doctor, .store, .export, .run, .weights,
      .completions, .manual,
    ])

  /// Runs the command line of this process and ends the process.
  package static func main() -> Never {
    StandardStreams.prepare()
    Faults.watch()
    Interruption.watch()
    let words = Array(Environment.arguments.dropFirst())
    exit(ExportedProgram.run(words, console: .standard()) ?? run(words, console: .standard()))
  }

  /// Runs a command line, without the program's name, and returns the exit code.
  ///
  /// - Parameter root: the command whose subcommands the words name, or the only command of an exported program.
  package static func run(_ words: [String], console: Console, root: Command = CommandLineTool.root) -> Int32 {
    var words = words
    var wantsHelp = false
    if words.first == "help" {
      words.removeFirst()
      wantsHelp = true
    }
    var command = root
    var path = [root.name]
    do {
      while let word = words.first, let next = command.subcommands.first(where: { $0.name == word }) {
        command = next
        path.append(word)
        words.removeFirst()
      }
      let help = asksForHelp(words)
      if wantsHelp, help == nil, let word = words.first, !(path.count == 1 && words == ["help"]) {
        if ArgumentScanner.isOption(word) {
          throw UsageError.unknownOption(word, suggestion: suggestion(for: word, among: ["--help-all"]))
        }
        throw command.run == nil ? unknown(word, in: command) : UsageError.unexpectedArgument(word)
      }
      if wantsHelp || help != nil || (command.run == nil && words.isEmpty) {
        console.print(formatter(command, path, console, isWhole: help == "--help-all").help, terminator: "")
        return ExitCode.success
      }
      guard let run = command.run else {
        if let version = command.version, words == ["--version"] {
          console.print(version)
          return ExitCode.success
        }
        throw unknown(words[0], in: command)
      }
      let arguments = try ArgumentScanner(command).scan(words)
      try run(arguments, console.command(isStrict: arguments[Options.strict]))
      return ExitCode.success
    } catch let error as UsageError {
      console.note("Error: \(error)\n\(formatter(command, path, console).usageHint)")
      return ExitCode.usage
    } catch let error where isInterruption(error) {
      console.note("\(error)")
      return Interruption.exitCode
    } catch {
      console.note("Error: \(error)")
      return ExitCode.of(error)
    }
  }

  private static func isInterruption(_ error: any Error) -> Bool {
    switch error {
    case FeatureError.interrupted, RunError.features(.interrupted), CommandError.interrupted,
      WeightsFetchError.interrupted:
      true
    default: false
    }
  }

  /// The first word that asks for help; nil if no word asks for help.
  private static func asksForHelp(_ words: [String]) -> String? {
    words.prefix { $0 != "--" }.first { ["--help", "-h", "--help-all"].contains($0) }
  }

  private static func unknown(_ word: String, in command: Command) -> UsageError {
    if ArgumentScanner.isOption(word) {
      let known = command.options.map(\.flagName) + ["--help-all"]
      return .unknownOption(word, suggestion: optionSuggestion(for: word, among: known))
    }
    return .unknownCommand(
      word, suggestion: suggestion(for: word, among: command.subcommands.map(\.name) + ["help"]))
  }

  private static func formatter(
    _ command: Command, _ path: [String], _ console: Console, isWhole: Bool = false
  ) -> HelpFormatter {
    HelpFormatter(command, path: path, width: console.terminal.width, isWhole: isWhole)
  }
}
