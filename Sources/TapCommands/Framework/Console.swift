// The output of a command: results to standard output, everything else to standard error. Tests replace both.

import Synchronization
import TapReports
import TapText

/// The two streams of a command, and the properties of the terminal behind them.
package struct Console: Sendable {
  /// The properties of the terminal. Nothing is ever colored, so `NO_COLOR` has nothing to turn off.
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
  private let log: WarningLog
  /// Whether a warning ends the command.
  let isStrict: Bool

  package init(
    terminal: Terminal, output: @escaping @Sendable (String) -> Void,
    errorOutput: @escaping @Sendable (String) -> Void
  ) {
    self.init(
      terminal: terminal, output: output, errorOutput: errorOutput, log: WarningLog(), isStrict: false)
  }

  private init(
    terminal: Terminal, output: @escaping @Sendable (String) -> Void,
    errorOutput: @escaping @Sendable (String) -> Void, log: WarningLog, isStrict: Bool
  ) {
    self.terminal = terminal
    self.output = output
    self.errorOutput = errorOutput
    self.log = log
    self.isStrict = isStrict
  }

  /// A result, with a newline unless `terminator` says otherwise.
  package func print(_ text: String, terminator: String = "\n") {
    output(text + terminator)
  }

  /// The same console with another output for results.
  func printing(to output: @escaping @Sendable (String) -> Void) -> Console {
    Console(terminal: terminal, output: output, errorOutput: errorOutput, log: log, isStrict: isStrict)
  }

  /// The same console for one command, with a separate list of warnings.
  func command(isStrict: Bool) -> Console {
    Console(
      terminal: terminal, output: output, errorOutput: errorOutput, log: WarningLog(), isStrict: isStrict)
  }

  // MARK: - Warnings

  /// The warnings so far, a line each, in order.
  var warnings: [String] { log.lines.withLock { $0 } }

  /// The largest number of details that are written.
  private static let shownDetails = 10

  /// Reports that the program leaves out, reorders, guesses, rounds or stops early: one line with a count and the way
  /// to change it, on standard error and in the list `warnings` of reports and JSON objects.
  ///
  /// - Parameter details: the items concerned, written below the line, ten at most.
  /// - Throws: ``CommandError/strict(_:)`` with `--strict`, in place of writing.
  func warn(_ line: String, details: [String] = []) throws(CommandError) {
    if isStrict { throw .strict(details.first.map { "\(line), the first is \($0)" } ?? line) }
    try record(line)
    note(details.isEmpty ? line : line + ":")
    for detail in details.prefix(Self.shownDetails) { note("  " + detail) }
    if details.count > Self.shownDetails {
      note("  and \(NumberText.grouped(details.count - Self.shownDetails)) more")
    }
  }

  /// ``warn(_:details:)`` for a line that is in the result itself.
  func record(_ line: String) throws(CommandError) {
    if isStrict { throw .strict(line) }
    log.lines.withLock { $0.append(line) }
  }

  private final class WarningLog: Sendable {
    let lines = Mutex<[String]>([])
  }

  // MARK: - Notes

  /// Writes text that is neither a result nor a warning: events, hints.
  package func note(_ text: String) {
    errorOutput(text + "\n")
  }

  /// A line that replaces itself; `ProgressLine` writes with it.
  func overwriteLine(_ text: String) {
    errorOutput("\r\u{1B}[K" + text)
  }
}
