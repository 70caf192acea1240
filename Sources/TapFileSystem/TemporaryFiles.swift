// Files that exist until a whole one replaces another: whoever ends the process from outside removes them.

import Synchronization

/// The temporary files of this process.
package enum TemporaryFiles {
  private static let paths = Mutex<Set<String>>([])

  /// Runs `body`, during which the file at `path` is temporary.
  static func tracking<Result, Failure: Error>(
    _ path: String, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    paths.withLock { _ = $0.insert(path) }
    defer { paths.withLock { _ = $0.remove(path) } }
    return try body()
  }

  /// Removes them, as far as that is possible.
  package static func removeAll() {
    for path in paths.withLock({ $0 }) { try? FileSystem.remove(path) }
  }
}
