// Help in the order and the words of apple/swift-argument-parser: OVERVIEW, USAGE, ARGUMENTS, OPTIONS, SUBCOMMANDS.
// Labels are indented by two columns, and the help of each label starts at column 26. A command with many options has a
// section of options for each topic, and its short help shows only the common options.

import TapSettings
import TapText

/// Describes a command from its declarations.
package struct HelpFormatter {
  let command: Command
  /// The words that name the command: `["layertap", "store", "info"]`.
  let path: [String]
  /// The number of columns of text, at least 40.
  let width: Int
  /// Whether all options are shown, even if they are many.
  let isWhole: Bool

  package init(_ command: Command, path: [String], width: Int, isWhole: Bool = false) {
    self.command = command
    self.path = path
    self.width = max(width, 40)
    self.isWhole = isWhole || !command.hasManyOptions
  }

  private static let helpColumn = 26

  /// The whole help text, which ends with a newline.
  package var help: String {
    var sections = [WrappedText.text("OVERVIEW: \(command.overview)", width: width)]
    if !command.discussion.isEmpty { sections.append(wrapped(command.discussion)) }
    if isWhole, !command.details.isEmpty { sections.append(wrapped(command.details)) }
    sections.append(WrappedText.text("USAGE: \(usage)", width: width, hanging: 7))
    if !command.positionals.isEmpty {
      sections.append(section("ARGUMENTS", command.positionals.map { ("<\($0.valueName)>", text(of: $0)) }))
    }
    sections += optionSections.map { title, options in
      section(title, options.map { (label(of: $0), text(of: $0)) })
    }
    if !isWhole {
      let count = command.options.count
      sections.append("  See '\(path.joined(separator: " ")) --help-all' for all \(count) options.")
    }
    if !command.subcommands.isEmpty {
      let list = section("SUBCOMMANDS", command.subcommands.map { ($0.name, $0.overview) })
      let hint = "  See '\(path[0]) help \((path.dropFirst() + ["<subcommand>"]).joined(separator: " "))'"
      sections.append(list + "\n\n" + hint + " for detailed information.")
    }
    return sections.joined(separator: "\n\n") + "\n"
  }

  /// The usage line, such as `layertap train [<options>] <images>`.
  var usage: String {
    let name = path.joined(separator: " ")
    if command.run == nil { return "\(name) <subcommand>" }
    let options = command.parameters.filter { $0.form != .positional && !$0.isHidden }
    let positionals = command.positionals.map { $0.isRequired ? $0.label : "[\($0.label)]" }
    // As in swift-argument-parser, a command with more than twelve options has an abbreviated usage line.
    let abbreviated = options.count > 12
    let shown = abbreviated ? ["[<options>]"] + positionals : positionals + options.map { "[\($0.label)]" }
    return ([name] + shown).joined(separator: " ")
  }

  /// The two lines that follow a usage error.
  var usageHint: String {
    WrappedText.text("Usage: \(usage)", width: width, hanging: 7)
      + "\n  See '\(path.joined(separator: " ")) --help' for more information."
  }

  /// The sections of the shown options, each with its title.
  package var optionSections: [(title: String, options: [ArgumentDeclaration])] {
    guard command.hasManyOptions else { return [("OPTIONS", command.options)] }
    let shown = isWhole ? command.options : command.options.filter(\.isCommon)
    return OptionTopic.allCases.compactMap { topic in
      let options = shown.filter { $0.topic == topic }
      return options.isEmpty ? nil : (topic.rawValue, options)
    }
  }

  func label(of parameter: ArgumentDeclaration) -> String {
    (parameter.short.map { "-\($0), " } ?? "") + parameter.label
  }

  /// The help of an argument with its values and default: `(values: a, b; default: a)`.
  func text(of parameter: ArgumentDeclaration) -> String {
    let facts = [
      parameter.range.isEmpty ? nil : "values: \(parameter.range)",
      parameter.defaultText.map { "default: \($0)" },
    ].compactMap { $0 }
    return facts.isEmpty ? parameter.help : "\(parameter.help) (\(facts.joined(separator: "; ")))"
  }

  private func section(_ title: String, _ rows: [(label: String, text: String)]) -> String {
    (["\(title):"] + rows.map(row)).joined(separator: "\n")
  }

  private func row(label: String, text: String) -> String {
    let indent = String(repeating: " ", count: Self.helpColumn)
    let wrapped = WrappedText.lines(text, width: width - Self.helpColumn).map { indent + $0 }
      .joined(separator: "\n")
    let head = "  \(label)"
    guard head.count < Self.helpColumn, !wrapped.isEmpty else {
      return wrapped.isEmpty ? head : "\(head)\n\(wrapped)"
    }
    return head + wrapped.dropFirst(head.count)
  }

  private func wrapped(_ discussion: String) -> String {
    discussion.split(separator: "\n\n").map { paragraph in
      paragraph.hasPrefix(" ")
        ? String(paragraph)
        : WrappedText.text(paragraph.split(separator: "\n").joined(separator: " "), width: width)
    }.joined(separator: "\n\n")
  }
}
