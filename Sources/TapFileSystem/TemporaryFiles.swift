// Temporary files that exist until a complete file replaces another. A signal handler that ends the process removes
// these files.

import Synchronization

/// The temporary files of this process.
package enum TemporaryFiles {
  private static let paths = Mutex<Set<String>>([])

  /// Runs `body`. During this call, the file at `path` counts as temporary.
  package static func tracking<Result, Failure: Error>(
    _ path: String, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    paths.withLock { _ = $0.insert(path) }
    defer { paths.withLock { _ = $0.remove(path) } }
    return try body()
  }

  /// Removes all temporary files, as far as possible.
  package static func removeAll() {
    for path in paths.withLock({ $0 }) { try? FileSystem.remove(path) }
  }
}
