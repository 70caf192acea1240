// Completion for fish: one line for each option of each command.

/// A script that fish reads from its folder of completions.
package enum FishCompletion {
  package static func script(of root: Command) -> String {
    let tool = root.name
    let commands = CommandPath.all(of: root)
    let keys = commands.map(\.key).filter { !$0.isEmpty }.joined(separator: " ")
    return """
      # Completion of \(tool) for fish, made by '\(tool) completions fish'.

      function __\(tool)_at
          set -l at
          set -l words (commandline -opc)
          for word in $words[2..]
              switch "$at/$word"
                  case \(keys)
                      set at "$at/$word"
              end
          end
          test "$at" = "$argv[1]"
      end

      complete -c \(tool) -f
      \(commands.flatMap { lines($0, tool: tool) }.joined(separator: "\n"))

      """
  }

  private static func lines(_ path: CommandPath, tool: String) -> [String] {
    let start = "complete -c \(tool) -n \(quoted("__\(tool)_at '\(path.key)'"))"
    let command = path.command
    var lines = command.subcommands.map { "\(start) -a \($0.name) -d \(quoted($0.overview.firstSentence))" }
    if path.names.isEmpty { lines.append("\(start) -a help -d 'Show the help of a command'") }
    let words = command.positionals.flatMap(\.offered)
    if !words.isEmpty { lines.append("\(start) -a \(quoted(words.joined(separator: " ")))") }
    if command.positionals.contains(where: { $0.path != nil }) { lines.append("\(start) -F") }
    return lines + command.options.map { "\(start) \(description(of: $0))" }
  }

  private static func description(of option: ArgumentDeclaration) -> String {
    var words = ["-l", option.flagName.replacing("--", with: "", maxReplacements: 1)]
    if let short = option.short { words += ["-s", String(short)] }
    if option.form == .option {
      words.append(option.path == .file ? "-rF" : "-x")
      if option.path == .folder { words += ["-a", quoted("(__fish_complete_directories)")] }

      if !option.offered.isEmpty { words += ["-a", quoted(option.offered.joined(separator: " "))] }
    }
    return (words + ["-d", quoted(option.summary)]).joined(separator: " ")
  }

  /// The text in single quotes, as fish reads it.
  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
  }
}
