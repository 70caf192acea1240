// Completion for zsh: one function for each command, in the format of `_arguments`.

/// A script that zsh finds on its `fpath` under the name `_layertap`.
package enum ZshCompletion {
  package static func script(of root: Command) -> String {
    let tool = root.name
    let functions = CommandPath.all(of: root).map { function($0, tool: tool) }
    return """
      #compdef \(tool)
      # Completion of \(tool) for zsh, made by '\(tool) completions zsh'.

      \(functions.reversed().joined(separator: "\n\n"))

      if [[ $funcstack[1] == _\(tool) ]]; then
        _\(tool) "$@"
      else
        compdef _\(tool) \(tool)
      fi

      """
  }

  private static func name(_ names: [String], tool: String) -> String {
    "_" + ([tool] + names).joined(separator: "_")
  }

  private static func function(_ path: CommandPath, tool: String) -> String {
    let command = path.command
    let name = name(path.names, tool: tool)
    var specifications = command.options.flatMap(specifications(of:))
    if command.subcommands.isEmpty {
      specifications += command.positionals.enumerated().map { index, positional in
        let place = positional.repeats ? "*" : String(index + 1)
        return "\(place):\(escaped(positional.valueName)):\(action(for: positional))".quotedForShell
      }
      let list = specifications.joined(separator: " \\\n    ")
      return "\(name)() {\n  _arguments -s \\\n    \(list)\n}"
    }
    specifications += ["'1:command:->command'", "'*::argument:->argument'"]
    let list = specifications.joined(separator: " \\\n    ")
    var commands = command.subcommands.map {
      "      \("\(escaped($0.name)):\($0.overview.firstSentence)".quotedForShell)"
    }
    var cases = command.subcommands.map {
      "        (\($0.name)) \(Self.name(path.names + [$0.name], tool: tool)) ;;"
    }
    if path.names.isEmpty {
      commands.append("      'help:Show the help of a command'")
      cases.append("        (help) _describe -t commands command commands ;;")
    }
    return """
      \(name)() {
        local curcontext=$curcontext state line
        typeset -A opt_args
        local -a commands=(
      \(commands.joined(separator: "\n"))
        )
        _arguments -C \\
          \(list)
        case $state in
          (command) _describe -t commands command commands ;;
          (argument)
            case $line[1] in
      \(cases.joined(separator: "\n"))
            esac
            ;;
        esac
      }
      """
  }

  private static func specifications(of option: ArgumentDeclaration) -> [String] {
    option.spellings.map { spelling in
      let others = option.repeats ? [] : option.spellings.filter { $0 != spelling }
      let start = others.isEmpty ? "" : "(\(others.joined(separator: " ")))"
      let text = "[\(escaped(option.summary))]"
      guard option.form == .option else { return "\(start)\(spelling)\(text)".quotedForShell }
      let equals = spelling.hasPrefix("--") ? "=" : ""
      let value = "\(escaped(option.valueName)):\(action(for: option))"
      let again = option.repeats ? "*" : start
      return "\(again)\(spelling)\(equals)\(text):\(value)".quotedForShell
    }
  }

  private static func action(for parameter: ArgumentDeclaration) -> String {
    let words = parameter.offered.joined(separator: " ")
    return switch parameter.path {
    case .file where words.isEmpty: "_files"
    case .file: "_alternative \"words:name:(\(words))\" \"files:file:_files\""
    case .folder: "_files -/"
    case nil: words.isEmpty ? " " : "(\(words))"
    }
  }

  private static func escaped(_ text: String) -> String {
    ["\\", "[", "]", ":"].reduce(text) { $0.replacing($1, with: "\\" + $1) }
  }
}
