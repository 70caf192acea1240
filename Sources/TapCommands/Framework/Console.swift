// Where a command's words go: results to standard output, everything else to standard error. Tests
// put their own ends in place.

import Synchronization
import TapReports

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

  /// The same console with results going elsewhere.
  func printing(to output: @escaping @Sendable (String) -> Void) -> Console {
    Console(terminal: terminal, output: output, errorOutput: errorOutput, log: log, isStrict: isStrict)
  }

  /// The same console for one command, with a list of warnings of its own.
  func command(isStrict: Bool) -> Console {
    Console(
      terminal: terminal, output: output, errorOutput: errorOutput, log: WarningLog(), isStrict: isStrict)
  }

  // MARK: - Warnings

  /// What was warned of so far, a line each, in order.
  var warnings: [String] { log.lines.withLock { $0 } }

  /// So many details are written.
  private static let shownDetails = 10

  /// Says what the program leaves out, reorders, guesses, rounds or stops early: one line with a count and the way to change
  /// it, on standard error and in the list `warnings` of reports and JSON objects.
  ///
  /// - Parameter details: what it is about, written below the line, ten at most.
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

  /// ``warn(_:details:)`` of a line that stands in the result itself.
  func record(_ line: String) throws(CommandError) {
    if isStrict { throw .strict(line) }
    log.lines.withLock { $0.append(line) }
  }

  private final class WarningLog: Sendable {
    let lines = Mutex<[String]>([])
  }

  // MARK: - Notes

  /// Anything that is neither a result nor a warning: what happens, hints.
  package func note(_ text: String) {
    errorOutput(text + "\n")
  }

  /// A line that replaces itself; `ProgressLine` writes with it.
  func overwriteLine(_ text: String) {
    errorOutput("\r\u{1B}[K" + text)
  }
}
