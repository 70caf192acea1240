// The console of a running process: file descriptors 1 and 2. Only this file queries terminals.

import Glibc
import LayerTap
import TapFileSystem

extension Console {
  /// The streams of this process.
  ///
  /// The width is the value of `COLUMNS`, or otherwise the terminal's width, or otherwise 80. If standard output is
  /// closed, printing a result ends the process without a message. The exit code is then 141, a shell's code for a
  /// broken pipe.
  package static func standard() -> Console {
    let terminal = Terminal(
      width: Environment.value("COLUMNS").flatMap { Int($0) } ?? terminalWidth() ?? 80,
      showsProgress: isatty(STDERR_FILENO) == 1)
    return Console(
      terminal: terminal, output: printResult,
      errorOutput: {
        // If standard error cannot be written to, the work continues.
        _ = StandardStreams.write($0, to: STDERR_FILENO)
      })
  }

  private static func terminalWidth() -> Int? {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  private static func printResult(_ text: String) {
    guard let failure = StandardStreams.write(text, to: STDOUT_FILENO) else { return }
    TemporaryFiles.removeAll()
    if failure == EPIPE || failure == EBADF { exit(ExitCode.closedOutput) }
    let error = FileSystemError.systemCall(call: "write", path: "standard output", errno: failure)
    _ = StandardStreams.write("Error: \(error)\n", to: STDERR_FILENO)
    exit(ExitCode.of(error))
  }
}
