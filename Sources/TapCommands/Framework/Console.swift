// Where a command's words go: results to standard output, everything else to standard error. Tests
// put their own ends in place.

/// The two streams of a command, and what is known of the terminal behind them.
package struct Console: Sendable {
  /// What the terminal can do. Nothing is ever coloured, so `NO_COLOR` has nothing to turn off.
  package struct Terminal: Sendable, Equatable {
    /// Columns for help and tables.
    package var width: Int
    /// Whether standard error is a terminal: only then is progress shown.
    package var showsProgress: Bool

    package init(width: Int = 80, showsProgress: Bool = false) {
      self.width = width
      self.showsProgress = showsProgress
    }
  }

  package let terminal: Terminal
  private let output: @Sendable (String) -> Void
  private let errorOutput: @Sendable (String) -> Void

  package init(
    terminal: Terminal, output: @escaping @Sendable (String) -> Void,
    errorOutput: @escaping @Sendable (String) -> Void
  ) {
    self.terminal = terminal
    self.output = output
    self.errorOutput = errorOutput
  }

  /// A result, with a newline unless `terminator` says otherwise.
  package func print(_ text: String, terminator: String = "\n") {
    output(text + terminator)
  }

  /// The same console with results going elsewhere.
  func printing(to output: @escaping @Sendable (String) -> Void) -> Console {
    Console(terminal: terminal, output: output, errorOutput: errorOutput)
  }

  /// Anything that is not a result: what happens, warnings, hints.
  package func note(_ text: String) {
    errorOutput(text + "\n")
  }

  /// A line that replaces itself; `ProgressLine` writes with it.
  func overwriteLine(_ text: String) {
    errorOutput("\r\u{1B}[K" + text)
  }
}
