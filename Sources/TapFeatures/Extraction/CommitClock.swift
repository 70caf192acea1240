// When to commit: often enough to lose little, seldom enough that waiting for the disk costs little.

/// Says when a commit is due. The bytes written do not depend on it.
struct CommitClock: Sendable {
  /// Appended bytes above which a commit is due at once, which bounds memory.
  static let byteLimit = 16 << 20
  /// The shortest time between commits that are not due for their size.
  static let shortest = Duration.seconds(1)

  private var last = ContinuousClock.now
  private var pause = shortest

  func isDue(pendingBytes: Int) -> Bool {
    pendingBytes >= Self.byteLimit || (pendingBytes > 0 && ContinuousClock.now - last >= pause)
  }

  /// Runs a commit and spaces the next so that commits take at most a twentieth of the time: a commit
  /// of many columns waits for two files each.
  mutating func run(_ commit: () throws(FeatureError) -> Void) throws(FeatureError) {
    let start = ContinuousClock.now
    try commit()
    last = .now
    pause = max(Self.shortest, (last - start) * 20)
  }
}
