// A command as a value: its name, its arguments, its action.

import TapSettings

/// A command of the tool: a declaration and the function to run. A command that only has subcommands has no function.
package struct Command: Sendable {
  package typealias Run = @Sendable (ParsedArguments, Console) throws -> Void

  package let name: String
  /// One sentence for the list of commands and for the top of the help.
  let overview: String
  /// Further help: paragraphs separated by empty lines. A line that starts with a space stays as it is; all other lines
  /// are wrapped.
  let discussion: String
  /// More help, in the form of ``discussion``. A short help that leaves out options also leaves out this text.
  let details: String
  /// The arguments, in the order of the help.
  package let parameters: [ArgumentDeclaration]
  /// The output of `--version`; nil if the command does not take this option.
  let version: String?
  package let subcommands: [Command]
  let run: Run?

  /// Creates a command that does some work. Every such command takes `--strict`.
  package init(
    _ name: String, overview: String, discussion: String = "", details: String = "",
    parameters: [ArgumentDeclaration], run: @escaping Run
  ) {
    self.name = name
    self.overview = overview
    self.discussion = discussion
    self.details = details
    version = nil
    self.parameters = parameters + [Options.strict.declaration]
    self.subcommands = []
    self.run = run
  }

  /// Creates a command that only has subcommands.
  package init(
    _ name: String, overview: String, discussion: String = "", version: String? = nil,
    subcommands: [Command]
  ) {
    self.name = name
    self.overview = overview
    self.discussion = discussion
    self.details = ""
    self.version = version
    self.parameters = []
    self.subcommands = subcommands
    self.run = nil
  }
}

// MARK: - The options that are shown

extension Command {
  /// The largest number of options that the help of a command shows without `--help-all`. If a command has more
  /// options, its help shows only the common options.
  package static let firstHelpLimit = 15

  private static let versionFlag = Parameter<Bool>.flag("version", isCommon: true, help: "Show the version.")

  private static let helpFlag = Parameter<Bool>.flag(
    "help", short: "h", isCommon: true, help: "Show help information.")

  private static let helpAllFlag = Parameter<Bool>.flag(
    "help-all", isCommon: true, help: "Show help information with every option.")

  /// Every option that is not hidden, including the options that are handled before a command runs.
  package var options: [ArgumentDeclaration] {
    let declared = parameters.filter { $0.form != .positional && !$0.isHidden }
    let version = version == nil ? [] : [Self.versionFlag.declaration]
    let all = declared + version + [Self.helpFlag.declaration]
    return all.count > Self.firstHelpLimit ? all + [Self.helpAllFlag.declaration] : all
  }

  /// Whether the command has too many options for the short help. The short help then shows only the common options.
  package var hasManyOptions: Bool { options.count > Self.firstHelpLimit }

  /// The positional arguments.
  package var positionals: [ArgumentDeclaration] { parameters.filter { $0.form == .positional } }
}
