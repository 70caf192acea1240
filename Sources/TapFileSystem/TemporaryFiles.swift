// Files that exist until a complete one replaces another: a signal handler that ends the process removes them.

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

  /// Removes them as far as possible.
  package static func removeAll() {
    for path in paths.withLock({ $0 }) { try? FileSystem.remove(path) }
  }
}
