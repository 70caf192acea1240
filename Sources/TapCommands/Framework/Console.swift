// The output of a command: results go to standard output, all other text goes to standard error. Tests replace both.

import Synchronization
import TapReports
import TapText

/// The two streams of a command, and the properties of the terminal that shows the streams.
package struct Console: Sendable {
  /// The properties of the terminal. The output never has colors, so `NO_COLOR` has no effect.
  package struct Terminal: Sendable, Equatable {
    /// The number of columns for help and tables.
    package var width: Int
    /// Whether standard error is a terminal. Progress is shown only on a terminal.
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

  /// Prints a result, followed by `terminator`, which is a newline by default.
  package func print(_ text: String, terminator: String = "\n") {
    output(text + terminator)
  }

  /// A copy of this console with another output for results.
  func printing(to output: @escaping @Sendable (String) -> Void) -> Console {
    Console(terminal: terminal, output: output, errorOutput: errorOutput, log: log, isStrict: isStrict)
  }

  /// A copy of this console for one command, with a separate list of warnings.
  func command(isStrict: Bool) -> Console {
    Console(
      terminal: terminal, output: output, errorOutput: errorOutput, log: WarningLog(), isStrict: isStrict)
  }

  // MARK: - Warnings

  /// The warnings so far, one line each, in the order in which they were reported.
  var warnings: [String] { log.lines.withLock { $0 } }

  /// The largest number of details that a warning shows.
  private static let shownDetails = 10

  /// Reports that the program leaves out, reorders, guesses or rounds something, or stops early. The line has a count
  /// and names the option that changes the behavior. The line goes to standard error and to the list `warnings` of
  /// reports and JSON objects.
  ///
  /// - Parameter details: the items that the line is about. At most ten of them are written below the line.
  /// - Throws: ``CommandError/strict(_:)`` with `--strict`; then nothing is written.
  func warn(_ line: String, details: [String] = []) throws(CommandError) {
    if isStrict { throw .strict(details.first.map { "\(line), the first is \($0)" } ?? line) }
    try record(line)
    note(details.isEmpty ? line : line + ":")
    for detail in details.prefix(Self.shownDetails) { note("  " + detail) }
    if details.count > Self.shownDetails {
      note("  and \(NumberText.grouped(details.count - Self.shownDetails)) more")
    }
  }

  /// Reports a warning as ``warn(_:details:)`` does, but writes nothing, because the result itself contains the line.
  func record(_ line: String) throws(CommandError) {
    if isStrict { throw .strict(line) }
    log.lines.withLock { $0.append(line) }
  }

  private final class WarningLog: Sendable {
    let lines = Mutex<[String]>([])
  }

  // MARK: - Notes

  /// Writes a note: text about an event, or a hint. A note is not a warning.
  package func note(_ text: String) {
    errorOutput(text + "\n")
  }

  /// Writes a line that replaces the line of the previous call. `ProgressLine` writes its lines with this function.
  func overwriteLine(_ text: String) {
    errorOutput("\r\u{1B}[K" + text)
  }
}
