// Queries of the file system and small changes to it, by path. Paths are UTF-8 text. Names in a folder that are not
// UTF-8 are reported, never guessed.

import Glibc

package enum FileSystem {
  /// The properties of the file at a path. Symbolic links are followed.
  package struct Status: Equatable, Sendable {
    package let size: Int
    package let kind: FileKind
    /// Device and inode. They are equal for two paths if and only if both lead to the same file.
    package let device: UInt64
    package let inode: UInt64
    /// The time of the last change of the contents, in nanoseconds.
    package let modified: Int

    package var isDirectory: Bool { kind == .folder }
    package var isRegularFile: Bool { kind == .file }
  }

  /// The names in one folder.
  package struct Listing: Equatable, Sendable {
    /// Names that are UTF-8, sorted by bytes, without `.` and `..`.
    package var names: [String] = []
    /// Names that are not UTF-8. Bytes outside printable ASCII are written as `\xNN`.
    package var undecodable: [String] = []
  }

  /// The status of the file at `path`; nil if there is no file.
  package static func status(_ path: String) throws(FileSystemError) -> Status? {
    try checkPath(path)
    var record = stat()
    guard unsafe stat(path, &record) == 0 else {
      let error = FileSystemError.last("examine", path)
      if error.isMissing { return nil }
      throw error
    }
    return Status(record)
  }

  package static func exists(_ path: String) -> Bool { (try? status(path)) != nil }

  package static func isDirectory(_ path: String) -> Bool { (try? status(path))?.isDirectory ?? false }

  /// The number of bytes in the file at `path`.
  package static func fileSize(_ path: String) throws(FileSystemError) -> Int {
    guard let status = try status(path) else {
      throw .systemCall(call: "examine", path: path, errno: ENOENT)
    }
    return status.size
  }

  /// The absolute path of the working folder.
  package static func workingDirectory() throws(FileSystemError) -> String {
    guard let path = unsafe getcwd(nil, 0) else { throw .last("find the working folder", ".") }
    defer { unsafe free(path) }
    guard let text = unsafe String(validatingCString: path) else {
      throw .systemCall(call: "find the working folder", path: ".", errno: EILSEQ)
    }
    return text
  }

  /// The default limit for reading a file: half of the memory, but at most 4 GiB.
  package static let readLimit = min((Environment.physicalMemory ?? 8 << 30) / 2, 4 << 30)

  /// The limit for reading a small document, such as settings or a description.
  package static let documentLimit = 64 << 20

  /// All bytes of the file at `path`. The size of the file is checked before it is read.
  ///
  /// - Parameter allowsPipe: whether `path` may be a pipe with a writer, such as a shell's `<(…)`. A pipe is read to
  ///   its end.
  /// - Throws: ``FileSystemError/tooLarge(path:size:limit:)`` for a file above the limit, and
  ///   ``FileSystemError/unreadableKind(path:_:)`` for a file of a kind that is not read.
  package static func read(
    _ path: String, atMost limit: Int = readLimit, allowsPipe: Bool = false
  ) throws(FileSystemError) -> [UInt8] {
    try File(reading: path, allowsPipe: allowsPipe).readAll(atMost: limit)
  }

  /// The names in a folder that are UTF-8, sorted by bytes.
  package static func list(_ directory: String) throws(FileSystemError) -> [String] {
    try listing(directory).names
  }

  /// The names in a folder. Names that are not UTF-8 are listed separately.
  package static func listing(_ directory: String) throws(FileSystemError) -> Listing {
    try checkPath(directory)
    guard let stream = unsafe opendir(directory) else { throw .last("list", directory) }
    defer { unsafe _ = closedir(stream) }
    var listing = Listing()
    while let entry = unsafe readdir(stream) {
      let bytes = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        let start = unsafe UnsafeRawPointer(pointer)
        let length = unsafe strlen(start.assumingMemoryBound(to: CChar.self))
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: length))
      }
      guard let name = String(validating: bytes, as: UTF8.self) else {
        listing.undecodable.append(escaped(bytes))
        continue
      }
      if name != "." && name != ".." { listing.names.append(name) }
    }
    listing.names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    listing.undecodable.sort()
    return listing
  }

  /// Creates the folder and the missing folders above it.
  package static func createDirectories(
    _ path: String, faults: WriteFaults? = nil
  ) throws(FileSystemError) {
    try checkPath(path)
    if isDirectory(path) || path.isEmpty { return }
    let above = parent(of: path)
    if above != path { try createDirectories(above, faults: faults) }
    try faults?.check("create", path)
    if unsafe mkdir(path, 0o777) != 0 {
      let error = FileSystemError.last("create", path)
      // Another process may have created the folder after the check.
      guard error.code == EEXIST, isDirectory(path) else { throw error }
    }
  }

  /// Removes a file. A missing file is not an error.
  package static func remove(_ path: String, faults: WriteFaults? = nil) throws(FileSystemError) {
    try checkPath(path)
    try faults?.check("remove", path)
    if unsafe unlink(path) != 0 {
      let error = FileSystemError.last("remove", path)
      guard error.isMissing else { throw error }
    }
  }

  /// Removes a file, or a folder with all its contents. A missing file is not an error, also if another process removes
  /// the same files. Links are removed, not followed.
  package static func removeTree(_ path: String, faults: WriteFaults? = nil) throws(FileSystemError) {
    try checkPath(path)
    var record = stat()
    guard unsafe lstat(path, &record) == 0 else {
      let error = FileSystemError.last("examine", path)
      if error.isMissing { return }
      throw error
    }
    guard record.st_mode & S_IFMT == S_IFDIR else { return try remove(path, faults: faults) }
    do throws(FileSystemError) {
      for name in try list(path) { try removeTree(join(path, name), faults: faults) }
      try faults?.check("remove", path)
      if unsafe rmdir(path) != 0 { throw .last("remove", path) }
    } catch {
      guard error.isMissing else { throw error }
    }
  }

  /// Renames a file and makes the renaming durable. A file at `target` is replaced.
  package static func rename(
    _ source: String, to target: String, faults: WriteFaults? = nil
  ) throws(FileSystemError) {
    try checkPath(source)
    try checkPath(target)
    try faults?.check("rename", source)
    if unsafe Glibc.rename(source, target) != 0 { throw .last("rename", source) }
    try synchronizeDirectory(parent(of: target), faults: faults)
  }

  /// Makes changes of names in a folder durable.
  package static func synchronizeDirectory(
    _ path: String, faults: WriteFaults? = nil
  ) throws(FileSystemError) {
    try faults?.check("synchronize", path)
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { throw .last("open", path) }
    defer { close(descriptor) }
    // Some file systems cannot synchronize a folder and return EINVAL. Nothing more can be done in that case.
    if fsync(descriptor) != 0 {
      let error = FileSystemError.last("synchronize", path)
      guard error.code == EINVAL else { throw error }
    }
  }

  /// The number of bytes that an unprivileged user may still write on the disk of `path`. `path` need not exist yet.
  package static func freeSpace(at path: String) throws(FileSystemError) -> Int {
    var place = path.isEmpty ? "." : path
    while !exists(place), parent(of: place) != place { place = parent(of: place) }
    var record = statvfs()
    guard unsafe statvfs(place, &record) == 0 else { throw .last("examine", place) }
    let (bytes, overflow) = UInt64(record.f_bavail).multipliedReportingOverflow(by: UInt64(record.f_frsize))
    return overflow ? Int.max : Int(clamping: bytes)
  }

  static func checkPath(_ path: String) throws(FileSystemError) {
    if path.utf8.contains(0) { throw .zeroByteInPath(path) }
  }

  private static func escaped(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
      (0x20..<0x7F).contains(byte)
        ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}

extension FileSystem.Status {
  init(_ record: stat) {
    size = Int(record.st_size)
    kind = FileKind(record)
    device = UInt64(record.st_dev)
    inode = UInt64(record.st_ino)
    modified = record.st_mtim.tv_sec &* 1_000_000_000 &+ record.st_mtim.tv_nsec
  }
}
