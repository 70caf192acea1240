// Chooses the times of commits. Commits are so frequent that a crash loses little. They are so rare that waiting for
// the disk takes little time.

/// Decides when a commit is due. The bytes written do not depend on this decision.
package struct CommitClock: Sendable {
  /// A commit is due at once when this number of bytes has been appended. The limit bounds memory.
  package static let byteLimit = 16 << 20
  /// The shortest time from one commit to the next, unless ``byteLimit`` makes a commit due.
  package static let shortest = Duration.seconds(1)

  private let now: @Sendable () -> ContinuousClock.Instant
  private var last: ContinuousClock.Instant
  private var pause = shortest

  /// - Parameter now: the clock, which tests replace.
  package init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.now = now
    last = now()
  }

  package func isDue(pendingBytes: Int) -> Bool {
    pendingBytes >= Self.byteLimit || (pendingBytes > 0 && now() - last >= pause)
  }

  /// Runs a commit, and sets the time of the next commit so that commits take at most a twentieth of the time. Only
  /// ``byteLimit`` can make a commit due earlier. A commit of many columns is slow, because each column has two files
  /// to wait for.
  package mutating func run(_ commit: () throws(FeatureError) -> Void) throws(FeatureError) {
    let start = now()
    try commit()
    last = now()
    pause = max(Self.shortest, (last - start) * 20)
  }
}
