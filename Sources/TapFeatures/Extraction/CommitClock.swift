// When to commit: often enough to lose little, and so rarely that waiting for the disk costs little.

/// Decides when a commit is due. The bytes written do not depend on it.
package struct CommitClock: Sendable {
  /// The number of appended bytes above which a commit is due at once, which bounds memory.
  package static let byteLimit = 16 << 20
  /// The shortest time between commits that are not due because of their size.
  package static let shortest = Duration.seconds(1)

  private let now: @Sendable () -> ContinuousClock.Instant
  private var last: ContinuousClock.Instant
  private var pause = shortest

  /// - Parameter now: the clock; tests replace it.
  package init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.now = now
    last = now()
  }

  package func isDue(pendingBytes: Int) -> Bool {
    pendingBytes >= Self.byteLimit || (pendingBytes > 0 && now() - last >= pause)
  }

  /// Runs a commit. Spaces the next one so that commits take at most a twentieth of the time, unless the bytes make one
  /// due: a commit of many columns waits for two files each.
  package mutating func run(_ commit: () throws(FeatureError) -> Void) throws(FeatureError) {
    let start = now()
    try commit()
    last = now()
    pause = max(Self.shortest, (last - start) * 20)
  }
}
