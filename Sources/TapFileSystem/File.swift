// An open file with reads and writes at given offsets. Short transfers are completed, and interrupted calls are
// repeated. Every change first calls `WriteFaults`, with which tests make changes fail.

import Glibc

/// An open file. It is closed when the last reference to it is released.
package final class File: Sendable {
  package let path: String
  private let descriptor: Int32
  private let faults: WriteFaults?

  private init(
    path: String, flags: Int32, call: String, faults: WriteFaults?
  ) throws(FileSystemError) {
    try FileSystem.checkPath(path)
    var descriptor: Int32
    repeat {
      descriptor = unsafe open(path, flags | O_CLOEXEC, 0o666)
    } while descriptor < 0 && Glibc.errno == EINTR
    if descriptor < 0 { throw .last(call, path) }
    self.path = path
    self.descriptor = descriptor
    self.faults = faults
  }

  /// Opens an existing file for reading. Does not wait until a pipe has a writer.
  ///
  /// - Parameter allowsPipe: whether the path may lead to a pipe.
  /// - Throws: ``FileSystemError/unreadableKind(path:_:)`` if the path leads to a pipe (unless allowed), a socket or a
  ///   device.
  package convenience init(reading path: String, allowsPipe: Bool = false) throws(FileSystemError) {
    if path.isEmpty { throw .emptyPath }
    // The kind is checked before opening, because opening a device may have an effect. It is checked again after
    // opening, because the path may then lead to another file.
    if let status = try FileSystem.status(path) {
      try status.kind.requireReadable(path, allowsPipe: allowsPipe)
    }
    try self.init(path: path, flags: O_RDONLY | O_NONBLOCK, call: "read", faults: nil)
    try status().kind.requireReadable(path, allowsPipe: allowsPipe)
  }

  /// Opens an existing file for reading and writing.
  package convenience init(updating path: String, faults: WriteFaults? = nil) throws(FileSystemError) {
    try self.init(path: path, flags: O_RDWR, call: "write", faults: faults)
  }

  /// Creates an empty file for reading and writing. An existing file becomes empty.
  package convenience init(creating path: String, faults: WriteFaults? = nil) throws(FileSystemError) {
    try faults?.check("create", path)
    try self.init(path: path, flags: O_RDWR | O_CREAT | O_TRUNC, call: "create", faults: faults)
  }

  deinit { close(descriptor) }

  /// The size, kind and inode of the open file. They do not change if the path now leads to another file.
  package func status() throws(FileSystemError) -> FileSystem.Status {
    var record = stat()
    guard unsafe fstat(descriptor, &record) == 0 else { throw .last("examine", path) }
    return FileSystem.Status(record)
  }

  package func size() throws(FileSystemError) -> Int { try status().size }

  /// Reads `count` bytes from `offset` on. Returns fewer bytes only at the end of the file.
  package func read(at offset: Int, count: Int) throws(FileSystemError) -> [UInt8] {
    var failure: FileSystemError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while initialized < count {
        guard let base = buffer.baseAddress else { break }
        let moved = unsafe pread(
          descriptor, base + initialized, count - initialized, off_t(offset + initialized))
        if moved == 0 { break }
        if moved < 0 {
          let error = FileSystemError.last("read", path)
          if error.code == EINTR { continue }
          failure = error
          break
        }
        initialized += moved
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Reads to the end. The file may be a pipe or a file without a known size.
  ///
  /// - Throws: ``FileSystemError/tooLarge(path:size:limit:)``; if the size is known, no byte is read before this error.
  ///   ``FileSystemError/pipeWithoutWriter(_:)`` is thrown for an empty pipe without a writer.
  package func readAll(atMost limit: Int = FileSystem.readLimit) throws(FileSystemError) -> [UInt8] {
    let status = try status()
    guard status.size <= limit else { throw .tooLarge(path: path, size: status.size, limit: limit) }
    if status.isRegularFile, status.size > 0 { return try read(at: 0, count: status.size) }
    var bytes: [UInt8] = []
    let chunk = 1 << 16
    while true {
      var moved = 0
      let part = unsafe [UInt8](unsafeUninitializedCapacity: chunk) { buffer, initialized in
        guard let base = buffer.baseAddress else { return }
        moved = unsafe Glibc.read(descriptor, base, chunk)
        initialized = max(moved, 0)
      }
      if moved < 0 {
        let error = FileSystemError.last("read", path)
        if error.code == EINTR { continue }
        guard error.code == EAGAIN, status.kind == .pipe else { throw error }
        waitForInput()
        continue
      }
      if moved == 0 {
        if bytes.isEmpty, status.kind == .pipe { throw .pipeWithoutWriter(path) }
        return bytes
      }
      bytes += part
      guard bytes.count <= limit else { throw .tooLarge(path: path, size: nil, limit: limit) }
    }
  }

  /// Waits until the writer of a pipe has written bytes or closed the pipe.
  private func waitForInput() {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    unsafe _ = poll(&entry, 1, -1)
  }

  /// Writes all of `bytes`, starting at `offset`.
  package func write(_ bytes: Span<UInt8>, at offset: Int) throws(FileSystemError) {
    var allowed = bytes.count
    var injected = false
    if let passing = faults?.admit(bytes: bytes.count) {
      allowed = passing
      injected = true
    }
    var written = 0
    while written < allowed {
      let moved = unsafe bytes.withUnsafeBytes { buffer in
        guard let base = buffer.baseAddress else { return 0 }
        return unsafe pwrite(descriptor, base + written, allowed - written, off_t(offset + written))
      }
      if moved < 0 {
        let error = FileSystemError.last("write", path)
        if error.code == EINTR { continue }
        throw error
      }
      written += moved
    }
    if injected, let faults { throw .systemCall(call: "write", path: path, errno: faults.code) }
  }

  /// Writes all of `bytes`, starting at `offset`.
  package func write(_ bytes: [UInt8], at offset: Int) throws(FileSystemError) {
    try write(bytes.span, at: offset)
  }

  /// Waits until the written bytes and the size of the file are on the disk (`fdatasync`).
  package func synchronize() throws(FileSystemError) {
    try faults?.check("write", path)
    while fdatasync(descriptor) != 0 {
      let error = FileSystemError.last("write", path)
      // Pipes and devices have nothing to synchronize.
      if error.code == EINVAL { return }
      if error.code != EINTR { throw error }
    }
  }

  /// Sets the size of the file to `size` bytes.
  /// Lets everyone who may read the file run it.
  package func allowExecution() throws(FileSystemError) {
    try faults?.check("change", path)
    var record = stat()
    guard unsafe fstat(descriptor, &record) == 0 else { throw .last("examine", path) }
    let permissions = record.st_mode & 0o777
    guard fchmod(descriptor, permissions | (permissions & 0o444) >> 2) == 0 else { throw .last("change", path) }
  }

  package func truncate(to size: Int) throws(FileSystemError) {
    try faults?.check("truncate", path)
    while ftruncate(descriptor, off_t(size)) != 0 {
      let error = FileSystemError.last("truncate", path)
      if error.code != EINTR { throw error }
    }
  }

  /// Takes the exclusive lock if it is free. Returns false if another open file holds it.
  func tryLock() throws(FileSystemError) -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let error = FileSystemError.last("lock", path)
      if error.code == EWOULDBLOCK { return false }
      if error.code != EINTR { throw error }
    }
    return true
  }

  /// Opens a file for locking. Creates it if it is missing, and otherwise keeps it unchanged.
  static func openLock(_ path: String) throws(FileSystemError) -> File {
    try File(path: path, flags: O_RDWR | O_CREAT, call: "lock", faults: nil)
  }

  /// Maps `count` bytes of the file for reading.
  @unsafe func map(count: Int) throws(FileSystemError) -> UnsafeRawPointer {
    guard let base = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0),
      unsafe base != MAP_FAILED
    else { throw .last("map", path) }
    return UnsafeRawPointer(base)
  }
}
