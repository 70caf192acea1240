// One writer at a time: an advisory lock that ends with the process in every case.

import Glibc

/// Holds `flock` on a file that names the holder, until released or the process ends.
package final class FileLock: Sendable {
  private let file: File

  /// Takes the lock at `path` at once or not at all; with some patience, as soon as it is free.
  ///
  /// - Throws: ``FileSystemError/inUse(path:holder:)`` with `resource` as its path when another
  ///   process, or another lock of this one, holds it.
  package init(
    path: String, resource: String, patience: Duration = .zero
  ) throws(FileSystemError) {
    let deadline = ContinuousClock.now + patience
    while true {
      let file = try File.openLock(path)
      guard try file.tryLock() else {
        if ContinuousClock.now < deadline {
          usleep(20_000)
          continue
        }
        throw .inUse(path: resource, holder: try Self.holder(in: file))
      }
      // The former holder may have removed the file between our opening and locking it; then the lock is on a file that
      // no other process will find.
      guard let found = try FileSystem.status(path), found.inode == (try file.status()).inode else {
        continue
      }
      try file.truncate(to: 0)
      try file.write(Array("\(Environment.processIdentifier)\n".utf8), at: 0)
      self.file = file
      return
    }
  }

  deinit {
    // By now the path may lead to another's lock: the folder may have been renamed.
    guard let held = try? file.status(), let found = try? FileSystem.status(file.path),
      held.inode == found.inode, held.device == found.device
    else { return }
    try? FileSystem.remove(file.path)
  }

  private static func holder(in file: File) throws(FileSystemError) -> Int? {
    let text = String(decoding: try file.read(at: 0, count: 32), as: UTF8.self)
    return Int(text.prefix { $0.isASCII && $0.isNumber })
  }
}
