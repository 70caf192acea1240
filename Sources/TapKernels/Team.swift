// Threads that work together and wait for each other during the work. They are new threads. A thread pool does not
// promise to run two jobs at the same time, so in a pool a member could wait forever.

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
  /// caller's.
  package static func together(count: Int, _ body: @escaping @Sendable (borrowing TeamMember) -> Void) {
    let team = Team(body)
    var others: [pthread_t] = []
    for index in 1..<max(count, 1) {
      var thread = pthread_t()
      let seat = unsafe Unmanaged.passRetained(Seat(team: team, index: index))
      let failure = unsafe pthread_create(
        &thread, nil,
        { argument in
          guard let argument = unsafe argument else { return nil }
          unsafe Unmanaged<Seat>.fromOpaque(argument).takeRetainedValue().run()
          return nil
        }, seat.toOpaque())
      guard failure == 0 else {
        unsafe seat.release()
        break
      }
      others.append(thread)
    }
    team.size.store(others.count + 1, ordering: .releasing)
    Seat(team: team, index: 0).run()
    for thread in others { pthread_join(thread, nil) }
  }
}

private final class Team: Sendable {
  let body: @Sendable (borrowing TeamMember) -> Void
  /// The number of members; 0 until all members have been started.
  let size = Atomic<Int>(0)
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
