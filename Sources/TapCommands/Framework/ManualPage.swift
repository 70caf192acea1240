// The manual page: all commands, each with its whole help, in the macros of man(7).

import LayerTap
import TapText

/// The manual page `layertap.1`.
package enum ManualPage {
  package static func text(of root: Command) -> String {
    let commands = CommandPath.all(of: root)
    let title = root.name.uppercased()
    var lines = [
      ".\\\" Made by '\(root.name) man'.",
      ".TH \(title) 1 \"\" \"\(root.name) \(root.version ?? "")\" \"User Commands\"",
      ".SH NAME",
      escaped("\(root.name) - \(root.overview.lowercasedStart.firstSentence)"),
      ".SH SYNOPSIS",
      "\(bold(root.name)) \(italic("command")) [\(italic("options"))] [\(italic("arguments"))]",
      ".SH DESCRIPTION",
    ]
    lines += paragraphs(root.overview)
    for child in root.subcommands { lines += item(bold(child.name), child.overview) }
    lines.append(".SH OPTIONS")
    lines += options(of: root)
    lines.append(".SH COMMANDS")
    for path in commands where !path.names.isEmpty { lines += section(path, root: root) }
    lines += exitStatus + environment
    return lines.joined(separator: "\n") + "\n"
  }

  private static func section(_ path: CommandPath, root: Command) -> [String] {
    let command = path.command
    let names = [root.name] + path.names
    let formatter = HelpFormatter(command, path: names, width: .max, isWhole: true)
    var lines = [".SS \(escaped(path.names.joined(separator: " ")))"]
    lines += paragraphs(command.overview)
    lines += [".PP", bold(names.joined(separator: " ")) + escaped(formatter.usage.dropPrefix(names))]
    lines += paragraphs(command.discussion, isFirst: false) + paragraphs(command.details, isFirst: false)
    for positional in command.positionals {
      lines += item(italic(positional.valueName), formatter.text(of: positional))
    }
    for child in command.subcommands { lines += item(bold(child.name), child.overview) }
    return lines + options(of: command)
  }

  /// Every option of a command. If a command has many options, they stand under the titles of their topics.
  private static func options(of command: Command) -> [String] {
    let formatter = HelpFormatter(command, path: [command.name], width: .max, isWhole: true)
    return formatter.optionSections.flatMap { title, options in
      let heading = command.hasManyOptions ? [".PP", italic(title.capitalizedStart)] : []
      return heading
        + options.flatMap { option in
          let names = option.spellings.map(bold).joined(separator: ", ")
          let value =
            option.form == .option ? " \(italic(option.valueName))\(option.repeats ? " ..." : "")" : ""
          return item(names + value, formatter.text(of: option))
        }
    }
  }

  private static let exitStatus =
    [".SH \"EXIT STATUS\""] + ExitCode.meanings.flatMap { item(bold($0.codes), $0.text) }

  private static let environment =
    [".SH ENVIRONMENT"]
    + item(bold(StorePlace.variable), "The folder of the feature stores, where --store names none.")
    + item(bold("LAYERTAP_WEIGHTS"), "A folder of weights, which is searched before the others.")

  // MARK: - Macros of man(7)

  private static func item(_ tag: String, _ text: String) -> [String] { [".TP", tag, flowing(text)] }

  private static func bold(_ text: String) -> String { "\\fB\(escaped(text))\\fR" }

  private static func italic(_ text: String) -> String { "\\fI\(escaped(text))\\fR" }

  /// The text in the macros of man(7). Empty lines separate its paragraphs. Indented paragraphs keep their lines.
  private static func paragraphs(_ text: String, isFirst: Bool = true) -> [String] {
    text.split(separator: "\n\n").enumerated().flatMap { index, paragraph in
      let lines = paragraph.split(separator: "\n").map(String.init)
      let start = isFirst && index == 0 ? [] : [".PP"]
      guard paragraph.hasPrefix(" ") else { return start + [flowing(lines.joined(separator: " "))] }
      return start + [".RS 4", ".nf"] + lines.map { escaped($0.trimmedStart) } + [".fi", ".RE"]
    }
  }

  /// Escapes hyphens, and characters that man(7) would read as commands.
  private static func escaped(_ text: String) -> String {
    let text = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" + text : text
  }

  /// The escaped text in lines of at most 80 bytes. Only a longer word makes a longer line.
  private static func flowing(_ text: String) -> String {
    WrappedText.text(text, width: 72).split(separator: "\n").map { escaped(String($0)) }
      .joined(separator: "\n")
  }
}

extension String {
  fileprivate var lowercasedStart: String { prefix(1).lowercased() + dropFirst() }

  /// The text with only its first letter in upper case: `Store and machine` for `STORE AND MACHINE`.
  fileprivate var capitalizedStart: String { prefix(1) + dropFirst().lowercased() }

  fileprivate var trimmedStart: String { String(drop { $0 == " " }) }

  fileprivate func dropPrefix(_ names: [String]) -> String {
    String(dropFirst(names.joined(separator: " ").count))
  }
}
