// Threads that work together and wait for each other during the work. A thread pool does not promise to run two jobs at
// the same time, so in a pool a member could wait forever. Therefore every team has threads of its own while it works.
// Between teams these threads wait for the next team. A new thread would often start on the processor of its parent,
// and the system moves it to a free processor only after milliseconds.

import CTapKernels
import Dispatch
import Glibc
import Synchronization

/// One of several threads that run the same function at the same time.
package struct TeamMember: ~Copyable {
  package let index: Int
  /// The number of members: the requested number, or fewer if not all threads could be started.
  package let count: Int
  private let barrier: Barrier

  fileprivate init(index: Int, count: Int, barrier: Barrier) {
    self.index = index
    self.count = count
    self.barrier = barrier
  }

  /// Returns when every member has called this function. All that the members wrote before is then visible to all
  /// members.
  package func wait() { barrier.wait(for: count) }
}

extension Threads {
  /// Calls `body` on `count` threads at the same time, and returns when all calls are done. One of the threads is the
  /// caller's. Fewer threads are used if not all can be started.
  package static func together(count: Int, _ body: @escaping @Sendable (borrowing TeamMember) -> Void) {
    let team = Team(body)
    var others = 0
    while others < count - 1, let helper = Helper.free() {
      others += 1
      helper.start(Seat(team: team, index: others))
    }
    team.size.store(others + 1, ordering: .releasing)
    Seat(team: team, index: 0).run()
    Barrier.spin { team.finished.load(ordering: .acquiring) == others }
  }
}

/// A thread that works for one team after the other. It never ends.
private final class Helper: Sendable {
  /// The helpers that wait for a team.
  private struct Waiting {
    var helpers: [Helper] = []
    /// The number of forks when the helpers were started. A forked process has none of these threads.
    var forks: Int32 = 0
  }

  private static let waiting = Mutex(Waiting())

  private let seat = Mutex<Seat?>(nil)
  private let isCalled = Atomic<Bool>(false)
  private let call = DispatchSemaphore(value: 0)

  /// The number of looks for the next seat before the thread sleeps. They take some tens of microseconds.
  private static let patience = 20_000

  /// A helper that waits, or a new one; nil if no thread can be started.
  ///
  /// In a process that was forked while another thread held the lock, the lock stays held. So no thread waits for it.
  static func free() -> Helper? {
    Threads.watchForks()
    let found = waiting.withLockIfAvailable { waiting -> Helper? in
      if waiting.forks != lt_forks() { waiting = Waiting(forks: lt_forks()) }
      return waiting.helpers.popLast()
    }
    if let found, let helper = found { return helper }
    let helper = Helper()
    // The thread keeps this reference for ever.
    let reference = unsafe Unmanaged.passRetained(helper)
    var thread = pthread_t()
    let failure = unsafe pthread_create(
      &thread, nil,
      { argument in
        if let argument = unsafe argument {
          unsafe Unmanaged<Helper>.fromOpaque(argument).takeUnretainedValue().work()
        }
        return nil
      }, reference.toOpaque())
    guard failure == 0 else {
      unsafe reference.release()
      return nil
    }
    pthread_detach(thread)
    return helper
  }

  func start(_ seat: Seat) {
    self.seat.withLock { $0 = seat }
    isCalled.store(true, ordering: .releasing)
    call.signal()
  }

  private func work() {
    while true {
      var looks = 0
      while !isCalled.load(ordering: .acquiring), looks < Self.patience { looks += 1 }
      call.wait()
      isCalled.store(false, ordering: .relaxed)
      let called = seat.withLock { seat in
        defer { seat = nil }
        return seat
      }
      guard let called else { continue }
      called.run()
      // The helper waits from here on, so that the next team finds it. If the lock is held, the helper is not found
      // again.
      _ = Self.waiting.withLockIfAvailable { $0.helpers.append(self) }
      called.team.finished.wrappingAdd(1, ordering: .releasing)
    }
  }
}

private final class Team: Sendable {
  let body: @Sendable (borrowing TeamMember) -> Void
  /// The number of members; 0 until all members have been started.
  let size = Atomic<Int>(0)
  /// The number of members, besides the caller, whose calls are done.
  let finished = Atomic<Int>(0)
  let barrier = Barrier()

  init(_ body: @escaping @Sendable (borrowing TeamMember) -> Void) { self.body = body }
}

private final class Seat: Sendable {
  let team: Team
  let index: Int

  init(team: Team, index: Int) {
    self.team = team
    self.index = index
  }

  func run() {
    Barrier.spin { team.size.load(ordering: .acquiring) > 0 }
    let size = team.size.load(ordering: .acquiring)
    team.body(TeamMember(index: index, count: size, barrier: team.barrier))
  }
}

/// Members arrive within microseconds of each other, so a waiting member spins. A member that waits longer yields.
private final class Barrier: Sendable {
  private let arrived = Atomic<Int>(0)
  private let round = Atomic<Int>(0)

  func wait(for count: Int) {
    let mine = round.load(ordering: .acquiring)
    if arrived.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue == count {
      arrived.store(0, ordering: .relaxed)
      round.wrappingAdd(1, ordering: .releasing)
    } else {
      Self.spin { round.load(ordering: .acquiring) != mine }
    }
  }

  static func spin(until isDone: () -> Bool) {
    var spins = 0
    while !isDone() {
      spins += 1
      if spins > 20_000 { sched_yield() }
    }
  }
}
