// Completion for bash. One function finds the command, and then the option whose value the user is typing.

/// A script that bash reads from its folder of completions, or through `source`.
package enum BashCompletion {
  /// The completions for the value of an option.
  private struct Offer: Hashable {
    let repeats: Bool
    let words: [String]
    let path: PathKind?

    init(_ option: ArgumentDeclaration) {
      repeats = option.repeats
      words = option.offered
      path = option.path
    }

    var assignments: String {
      var text = "kind=\(repeats ? "many" : "one")"
      if !words.isEmpty { text += " words=\(words.joined(separator: " ").quotedForShell)" }
      return text + assignment(of: path)
    }
  }

  private static func assignment(of path: PathKind?) -> String {
    switch path {
    case .file: " paths=file"
    case .folder: " paths=folder"
    case nil: ""
    }
  }

  package static func script(of root: Command) -> String {
    let tool = root.name
    let commands = CommandPath.all(of: root)
    let keys = commands.map(\.key).filter { !$0.isEmpty }.joined(separator: " | ")
    return """
      # Completion of \(tool) for bash, made by '\(tool) completions bash'.

      _\(tool)() {
        local word=${COMP_WORDS[COMP_CWORD]} command= option= count=0 kind=none words= paths= prefix= index token
        COMPREPLY=()
        for ((index = 1; index < COMP_CWORD; index++)); do
          token=${COMP_WORDS[index]}
          case $command/$token in
            \(keys)) command+=/$token ;;
          esac
          # bash parts '--name=value' into three words.
          case $token in
            -?*) option=$token count=0 ;;
            =) ;;
            *) ((count += 1)) ;;
          esac
        done
        if [[ $word == = ]]; then word=; fi

        case $command:$option in
      \(values(commands))
        esac
        if [[ $kind == none || $word == -* || $kind == one && $count -gt 0 ]]; then
          kind=none words= paths=
          case $command/$word in
      \(optionNames(commands))
            *)
              case $command in
      \(positionals(commands))
              esac
              ;;
          esac
        elif [[ $kind == many && $word == *,* ]]; then
          prefix=${word%,*}, word=${word##*,}
        elif [[ $kind == many && $count -gt 0 ]]; then
          # The next word may be the argument after the list.
          paths=${paths:-file}
        fi

        while IFS= read -r token; do COMPREPLY+=("$prefix$token"); done < <(compgen -W "$words" -- "$word")
        if [[ -n $paths ]]; then
          compopt -o filenames 2> /dev/null
          local flag=-f
          if [[ $paths == folder ]]; then flag=-d; fi
          while IFS= read -r token; do COMPREPLY+=("$prefix$token"); done < <(compgen $flag -- "$word")
        fi
      }

      complete -F _\(tool) \(tool)

      """
  }

  /// The lines with the completions for each option's value.
  private static func values(_ commands: [CommandPath]) -> String {
    var offers: [Offer] = []
    var patterns: [Offer: [String]] = [:]
    for path in commands {
      for option in path.command.options where option.form == .option {
        let offer = Offer(option)
        if patterns[offer] == nil { offers.append(offer) }
        patterns[offer, default: []] += option.spellings.map { "\(path.key):\($0)" }
      }
    }
    return offers.map { offer in
      let names = (patterns[offer] ?? []).joined(separator: " | ")
      return "    \(names)) \(offer.assignments) ;;"
    }.joined(separator: "\n")
  }

  private static func optionNames(_ commands: [CommandPath]) -> String {
    commands.map { path in
      let names = path.command.options.flatMap(\.spellings).joined(separator: " ")
      return "      \(path.key)/-*) words=\(names.quotedForShell) ;;"
    }.joined(separator: "\n")
  }

  private static func positionals(_ commands: [CommandPath]) -> String {
    commands.map { path in
      let command = path.command
      let words =
        command.subcommands.map(\.name) + (path.names.isEmpty ? ["help"] : [])
        + command.positionals.flatMap(\.offered)
      let kind = command.positionals.compactMap(\.path).first
      let pattern = path.key.isEmpty ? "''" : path.key
      return
        "          \(pattern)) words=\(words.joined(separator: " ").quotedForShell)\(assignment(of: kind)) ;;"
    }.joined(separator: "\n")
  }
}
