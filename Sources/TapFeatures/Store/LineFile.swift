// A text file of a new store, written line by line, so that memory does not grow with the store.

import TapFileSystem
import TapFormats

/// Appends text to a new file in large blocks.
struct LineFile {
  private let file: File
  private var pending: [UInt8] = []
  private var offset = 0
  private var hash = SHA256()

  private static let blockBytes = 1 << 20

  /// Creates the file. An existing file becomes empty.
  init(_ path: String, faults: WriteFaults?) throws(FeatureError) {
    file = try onFiles { () throws(FileSystemError) in try File(creating: path, faults: faults) }
  }

  mutating func append(_ text: String) throws(FeatureError) {
    pending += text.utf8
    if pending.count >= Self.blockBytes { try flush() }
  }

  /// Writes the rest and waits for the disk. Returns the SHA-256 of the whole file, in hexadecimal.
  @discardableResult
  mutating func finish() throws(FeatureError) -> String {
    try flush()
    let (file, hash) = (file, hash)
    try onFiles { () throws(FileSystemError) in try file.synchronize() }
    return hash.finalize().hex
  }

  private mutating func flush() throws(FeatureError) {
    let (file, bytes, place) = (file, pending, offset)
    try onFiles { () throws(FileSystemError) in try file.write(bytes, at: place) }
    offset += bytes.count
    hash.update(bytes)
    pending.removeAll(keepingCapacity: true)
  }
}
