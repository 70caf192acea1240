// Handles the signals of control-C, `kill` and a closed terminal. A signal ends the program at once, with a shell's
// exit code for the signal. Work that stops by itself at a safe point has a second and a half to stop.

import Glibc
import Synchronization
import TapFileSystem

// A C handler cannot capture variables, so these variables are global.
private let arrivedSignal = Atomic<Int32>(0)
private let pipeEnd = Atomic<Int32>(-1)

/// Whether the user asked this process to stop.
package enum Interruption {
  /// Whether SIGINT, SIGTERM or SIGHUP has arrived.
  package static var requested: Bool { arrivedSignal.load(ordering: .relaxed) != 0 }

  /// 128 plus the number of the signal that arrived, as in a shell.
  static var exitCode: Int32 {
    let signal = arrivedSignal.load(ordering: .relaxed)
    return 128 + (signal == 0 ? SIGINT : signal)
  }

  /// The number of running pieces of work that check ``requested``.
  private static let stoppable = Atomic(0)

  /// The time, in milliseconds, in which work that checks ``requested`` must stop.
  private static let patience = Atomic(1500)

  /// Runs work that checks ``requested`` and stops by itself.
  ///
  /// - Parameter seconds: the time that the work needs to stop; nil for a second and a half.
  static func stopping<Result>(within seconds: Double? = nil, _ work: () throws -> Result) rethrows -> Result {
    if let seconds { patience.store(Int(seconds * 1000), ordering: .relaxed) }
    stoppable.add(1, ordering: .relaxed)
    defer { stoppable.subtract(1, ordering: .relaxed) }
    return try work()
  }

  /// Watches for signals until the process ends. Ignored signals, such as SIGHUP under `nohup`, stay ignored. Blocked
  /// signals are unblocked, because a parent process that starts programs from a separate thread may have left signals
  /// blocked.
  static func watch() {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { return }
    pipeEnd.store(ends[1], ordering: .relaxed)
    arrivedSignal.store(0, ordering: .relaxed)
    var thread = pthread_t()
    let reader = unsafe UnsafeMutableRawPointer(bitPattern: Int(ends[0]) + 1)
    let failure = unsafe pthread_create(
      &thread, nil,
      { context in
        Interruption.answerSignals(from: Int32(Int(bitPattern: context) - 1))
        return nil
      }, reader)
    guard failure == 0 else { return }
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var old = sigaction()
      unsafe sigaction(number, nil, &old)
      if isIgnored(old) { continue }
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { number in
        var byte = UInt8(truncatingIfNeeded: number)
        let before = errno
        _ = unsafe Glibc.write(pipeEnd.load(ordering: .relaxed), &byte, 1)
        errno = before
      }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESTART))
      unsafe sigaction(number, &action, nil)
      var signals = sigset_t()
      unsafe sigemptyset(&signals)
      unsafe sigaddset(&signals, number)
      unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
  }

  /// Swift cannot compare functions, so their addresses are compared.
  private static func isIgnored(_ action: sigaction) -> Bool {
    unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// The work of the watching thread. The thread handles the first signal. A second signal ends the process at once.
  private static func answerSignals(from descriptor: Int32) {
    guard let first = nextSignal(from: descriptor, within: nil) else { return }
    arrivedSignal.store(first, ordering: .relaxed)
    if stoppable.load(ordering: .relaxed) > 0 {
      _ = nextSignal(from: descriptor, within: patience.load(ordering: .relaxed))
    }
    TemporaryFiles.removeAll()
    Console.standard().note("interrupted")
    ChildProcess.endAll()
    _exit(exitCode)
  }

  /// - Parameter milliseconds: the longest time to wait; nil waits forever.
  private static func nextSignal(from descriptor: Int32, within milliseconds: Int?) -> Int32? {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let milliseconds = milliseconds.map { Int32($0) } ?? -1
    while true {
      let ready = unsafe poll(&waiting, 1, milliseconds)
      if ready < 0 && errno == EINTR { continue }
      var byte: UInt8 = 0
      guard ready > 0, unsafe read(descriptor, &byte, 1) == 1 else { return nil }
      return Int32(byte)
    }
  }
}
