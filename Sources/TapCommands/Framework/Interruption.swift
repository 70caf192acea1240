// Control-C and a polite kill: the first one asks the work to stop where it is safe, the second ends
// the process at once.

import Glibc
import Synchronization

/// A C handler cannot capture anything, so this is a global.
private let signalArrived = Atomic(false)

/// Whether the user asked this process to stop.
package enum Interruption {
  /// Whether SIGINT or SIGTERM has arrived since `watch()`.
  package static var requested: Bool { signalArrived.load(ordering: .relaxed) }

  /// The exit code of a process that SIGINT stopped, as a shell gives it.
  static let exitCode: Int32 = 130

  /// From now on a signal sets `requested`; a second one has its usual effect.
  package static func watch() {
    // A lazily made global must exist before a signal handler touches it.
    signalArrived.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { _ in
        signalArrived.store(true, ordering: .relaxed)
      }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
      unsafe sigaction(number, &action, nil)
    }
  }
}
