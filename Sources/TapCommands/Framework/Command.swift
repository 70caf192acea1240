// A command as a value: what it is called, what it takes, what it does.

import TapSettings

/// A command of the tool: a declaration and, unless it only holds subcommands, what to run.
package struct Command: Sendable {
  package typealias Run = @Sendable (ParsedArguments, Console) throws -> Void

  package let name: String
  /// One sentence, for the list of commands and the top of the help.
  let overview: String
  /// More to know: paragraphs separated by empty lines. Lines that start with a space stay as they
  /// are; everything else is wrapped.
  let discussion: String
  /// Still more, in the same form, which a first help that leaves options out leaves out too.
  let details: String
  /// In the order of the help.
  package let parameters: [ParameterDeclaration]
  /// What `--version` says, where that is understood.
  let version: String?
  package let subcommands: [Command]
  let run: Run?

  /// A command that does something. Every one takes `--strict`.
  package init(
    _ name: String, overview: String, discussion: String = "", details: String = "",
    parameters: [ParameterDeclaration], run: @escaping Run
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

  /// A command that holds others.
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

// MARK: - What is shown of the options

extension Command {
  /// The most options that the first help shows.
  package static let firstHelpLimit = 15

  private static let versionFlag = Parameter<Bool>.flag("version", isCommon: true, help: "Show the version.")

  private static let helpFlag = Parameter<Bool>.flag(
    "help", short: "h", isCommon: true, help: "Show help information.")

  private static let helpAllFlag = Parameter<Bool>.flag(
    "help-all", isCommon: true, help: "Show help information with every option.")

  /// Every option but hidden ones, with those that are understood before a command runs.
  package var options: [ParameterDeclaration] {
    let declared = parameters.filter { $0.form != .positional && !$0.isHidden }
    let version = version == nil ? [] : [Self.versionFlag.declaration]
    let all = declared + version + [Self.helpFlag.declaration]
    return all.count > Self.firstHelpLimit ? all + [Self.helpAllFlag.declaration] : all
  }

  /// Whether the options are too many for the first help, which then shows the common ones.
  package var hasManyOptions: Bool { options.count > Self.firstHelpLimit }

  /// The arguments that are known by their places.
  package var positionals: [ParameterDeclaration] { parameters.filter { $0.form == .positional } }
}
