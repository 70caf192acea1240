// A command as a value: what it is called, what it takes, what it does.

/// A command of the tool: a declaration and, unless it only holds subcommands, what to run.
package struct Command: Sendable {
  package typealias Run = @Sendable (ParsedArguments, Console) throws -> Void

  package let name: String
  /// One sentence, for the list of commands and the top of the help.
  let overview: String
  /// More to know: paragraphs separated by empty lines. Lines that start with a space stay as they
  /// are; everything else is wrapped.
  let discussion: String
  /// In the order of the help.
  let parameters: [ParameterDeclaration]
  package let subcommands: [Command]
  let run: Run?

  /// A command that does something. Every one takes `--strict`.
  package init(
    _ name: String, overview: String, discussion: String = "", parameters: [ParameterDeclaration],
    run: @escaping Run
  ) {
    self.name = name
    self.overview = overview
    self.discussion = discussion
    self.parameters = parameters + [Options.strict.declaration]
    self.subcommands = []
    self.run = run
  }

  /// A command that holds others.
  package init(_ name: String, overview: String, discussion: String = "", subcommands: [Command]) {
    self.name = name
    self.overview = overview
    self.discussion = discussion
    self.parameters = []
    self.subcommands = subcommands
    self.run = nil
  }
}
