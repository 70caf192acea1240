// An advisory lock for one writer at a time. The lock always ends with the process.

import Glibc

/// Holds `flock` on a file that contains the holder's process ID, until the lock is released or the process ends.
package final class FileLock: Sendable {
  private let file: File

  /// Takes the lock at `path`. If the lock is not free, tries again until `patience` is over.
  ///
  /// - Throws: ``FileSystemError/inUse(path:holder:)`` if another process or another lock of this process holds the
  ///   lock. The path in this error is `resource`.
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
      // The former holder may have removed the file after this process opened it and before this process locked it. The
      // lock is then on a file that no other process will find.
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
    // The folder may have been renamed, so the path may now lead to another process's lock.
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
