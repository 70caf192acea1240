// The console of a running process: file descriptors 1 and 2. The one place that asks the system
// about terminals.

import Glibc
import TapFileSystem

extension Console {
  /// The streams of this process.
  ///
  /// The width is `COLUMNS`, else the terminal's, else 80. A reader that has gone away ends the process
  /// quietly with 141, the code of a broken pipe in a shell, also where the signal is ignored.
  package static func standard() -> Console {
    let terminal = Terminal(
      width: Environment.value("COLUMNS").flatMap { Int($0) } ?? terminalWidth() ?? 80,
      showsProgress: isatty(STDERR_FILENO) == 1)
    return Console(
      terminal: terminal, output: { write($0, to: STDOUT_FILENO) },
      errorOutput: { write($0, to: STDERR_FILENO) })
  }

  private static func terminalWidth() -> Int? {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    let failure: Int32? = text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let written = unsafe Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
        if written >= 0 {
          done += written
        } else if errno != EINTR {
          return errno
        }
      }
      return nil
    }
    guard let failure else { return }
    if failure == EPIPE { exit(141) }
    // Standard error may be what failed: then nobody is left to tell.
    if descriptor != STDERR_FILENO {
      let reason = unsafe String(cString: strerror(failure))
      write("Error: cannot write standard output: \(reason)\n", to: STDERR_FILENO)
    }
    exit(1)
  }
}
