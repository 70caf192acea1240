// A fault is an error in this program, such as a failed run-time check of Swift. A fault ends the program with the exit
// code for faults.

import Glibc

/// The signals that only a fault raises.
enum Faults {
  private static let message: StaticString =
    "Error: this is a fault of layertap, not of what it was given: please report it with the command line\n"

  /// Makes every later fault end the process with ``ExitCode/software``. Other handlers of these signals, such as
  /// Swift's own backtraces, still run.
  static func watch() {
    for number in [SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV] {
      var old = sigaction()
      unsafe sigaction(number, nil, &old)
      guard unsafe old.__sigaction_handler.sa_handler == nil else { continue }
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { _ in
        _ = unsafe write(STDERR_FILENO, Faults.message.utf8Start, Faults.message.utf8CodeUnitCount)
        _exit(70)
      }
      unsafe sigaction(number, &action, nil)
    }
  }
}
