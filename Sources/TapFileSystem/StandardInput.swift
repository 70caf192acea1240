// Standard input as a whole: a list of images that another program writes.

import Glibc
import Synchronization

/// Standard input, read once to its end.
package enum StandardInput {
  /// The word that names standard input in place of a path.
  package static let word = "-"
  /// The name of standard input in messages.
  package static let name = "standard input"

  private static let contents = Mutex<[UInt8]?>(nil)

  /// All bytes of standard input. Later calls return the same bytes.
  ///
  /// - Throws: ``FileSystemError/tooLarge(path:size:limit:)``.
  package static func read(atMost limit: Int = FileSystem.readLimit) throws(FileSystemError) -> [UInt8] {
    try contents.withLock { contents throws(FileSystemError) -> [UInt8] in
      if let known = contents { return known }
      let bytes = try readToEnd(atMost: limit)
      contents = bytes
      return bytes
    }
  }

  private static func readToEnd(atMost limit: Int) throws(FileSystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe part.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
      }
      if count < 0 {
        let error = FileSystemError.last("read", name)
        guard error.code == EINTR || error.code == EAGAIN else { throw error }
        var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        unsafe _ = poll(&waiting, 1, -1)
        continue
      }
      if count == 0 { return bytes }
      bytes += part[..<count]
      guard bytes.count <= limit else { throw .tooLarge(path: name, size: nil, limit: limit) }
    }
  }
}

extension FileSystem {
  /// All bytes of a file or of a pipe. The path `-` stands for standard input.
  package static func readInput(_ path: String) throws(FileSystemError) -> [UInt8] {
    path == StandardInput.word ? try StandardInput.read() : try read(path, allowsPipe: true)
  }
}
