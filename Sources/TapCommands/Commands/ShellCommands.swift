// `layertap completions` and `layertap man`: completions for shells, and a page for man(1). Both are made from the
// declarations of the commands.

extension Command {
  private enum Shell: String, CaseIterable {
    case bash, zsh, fish
  }

  private static let shell = Parameter<Shell>.positional(
    "shell", .choice, help: "The shell that reads the script.")

  package static let completions: Command = .init(
    "completions", overview: "Print a script by which a shell completes commands, options and values.",
    discussion: """
      Scripts/install puts the scripts where the shells look for them. By hand:

        layertap completions bash > ~/.local/share/bash-completion/completions/layertap
        layertap completions zsh > DIR/_layertap        (DIR in zsh's fpath)
        layertap completions fish > ~/.config/fish/completions/layertap.fish
      """,
    parameters: [shell.declaration]
  ) { arguments, console in
    let root = CommandLineTool.root
    let script =
      switch arguments[shell] {
      case .bash: BashCompletion.script(of: root)
      case .zsh: ZshCompletion.script(of: root)
      case .fish: FishCompletion.script(of: root)
      }
    console.print(script, terminator: "")
  }

  package static let manual: Command = .init(
    "man", overview: "Print the manual page, for man(1).",
    discussion: """
      The page has every command and every option.

        layertap man | man -l -
      """,
    parameters: []
  ) { _, console in
    console.print(ManualPage.text(of: CommandLineTool.root), terminator: "")
  }
}
