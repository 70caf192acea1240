// A file's bytes as memory. The size is read when the file is opened. If a mapped file is truncated, reading the lost
// part ends the process. So readers of formats check sizes first, and writers never truncate committed bytes.

import Glibc

/// A whole file mapped to memory for reading. It is unmapped when the last reference is released.
@safe package final class MappedFile: Sendable {
  package let path: String
  /// The size in bytes when the file was opened.
  package let count: Int
  private nonisolated(unsafe) let base: UnsafeRawPointer?

  /// Maps the file at `path`.
  ///
  /// - Throws: ``FileSystemError/fileTooShort(path:expected:actual:)`` if the file has fewer than `minimumCount` bytes.
  package init(path: String, minimumCount: Int = 0) throws(FileSystemError) {
    let file = try File(reading: path)
    let status = try file.status()
    guard status.size >= minimumCount else {
      throw .fileTooShort(path: path, expected: minimumCount, actual: status.size)
    }
    self.path = path
    self.count = status.size
    unsafe self.base = status.size == 0 ? nil : try file.map(count: status.size)
  }

  deinit {
    if let base = unsafe base { unsafe _ = munmap(UnsafeMutableRawPointer(mutating: base), count) }
  }

  /// Calls `body` with all bytes.
  package func withBytes<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
    try body(unsafe Span(_unsafeBytes: UnsafeRawBufferPointer(start: base, count: base == nil ? 0 : count)))
  }

  /// The address of the byte at `offset`. It is valid as long as this object exists.
  ///
  /// - Precondition: the `count` bytes from `offset` on are in the file.
  @unsafe package func pointer(at offset: Int, count: Int) -> UnsafeRawPointer? {
    precondition(
      offset >= 0 && count >= 0 && offset <= self.count - count,
      "bytes \(offset)..<\(offset + count) of \(self.count)")
    return unsafe base.map { unsafe $0 + offset }
  }
}
