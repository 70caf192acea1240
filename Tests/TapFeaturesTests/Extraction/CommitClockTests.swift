// The times at which commits are due, by a clock that the test sets.

import Synchronization
import TapFeatures
import Testing

@Suite struct CommitClockTests {
  /// A clock that changes only in `pass`.
  final class Time: Sendable {
    private let instant = Mutex(ContinuousClock.now)

    func pass(_ duration: Duration) { instant.withLock { $0 += duration } }

    var clock: CommitClock { CommitClock { [self] in instant.withLock { $0 } } }
  }

  @Test func isDueAfterASecondOrForItsBytes() {
    let time = Time()
    let clock = time.clock
    #expect(!clock.isDue(pendingBytes: 1) && !clock.isDue(pendingBytes: CommitClock.byteLimit - 1))
    #expect(clock.isDue(pendingBytes: CommitClock.byteLimit))
    time.pass(.milliseconds(999))
    #expect(!clock.isDue(pendingBytes: 1))
    time.pass(.milliseconds(1))
    #expect(clock.isDue(pendingBytes: 1))
    // A commit with nothing to write is never due.
    time.pass(.seconds(100))
    #expect(!clock.isDue(pendingBytes: 0))
  }

  /// A row arrives every 10 ms for an hour. On a slow disk, commits take a twentieth of the hour. On a fast disk, there
  /// is a commit every second.
  @Test(arguments: [1, 49, 51, 500, 4000])
  func commitsTakeATwentiethOfTheTime(milliseconds: Int) throws {
    let time = Time()
    var clock = time.clock
    var (total, committing, commits) = (Duration.zero, Duration.zero, 0)
    let commit = Duration.milliseconds(milliseconds)
    while total < .seconds(3600) {
      time.pass(.milliseconds(10))
      total += .milliseconds(10)
      guard clock.isDue(pendingBytes: 1000) else { continue }
      try clock.run { () throws(FeatureError) in time.pass(commit) }
      total += commit
      committing += commit
      commits += 1
    }
    #expect(committing * 20 <= total)
    // The period includes the 10 ms of the row for which a commit waits.
    let period = max(.seconds(1), commit * 20) + commit + .milliseconds(10)
    #expect(commits >= Int(total / period) - 1, "\(commits)")
  }

  @Test func aFailedCommitStaysDue() {
    let time = Time()
    var clock = time.clock
    time.pass(.seconds(1))
    let failure = FeatureError.interrupted(rows: 0, path: "")
    #expect(throws: failure) {
      try clock.run { () throws(FeatureError) in
        time.pass(.seconds(9))
        throw failure
      }
    }
    #expect(clock.isDue(pendingBytes: 1))
  }
}
