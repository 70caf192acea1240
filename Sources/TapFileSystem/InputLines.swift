import Glibc

// Lines of a stream, one at a time, as they come: paths on standard input.

/// Reads lines from a file descriptor without reading further than the system hands over at once.
package struct InputLines {
  /// A longer line is no path; only so much of it is kept.
  package static let longestLine = 65_536

  private let descriptor: Int32
  private let delimiter: UInt8
  private var buffer: [UInt8] = []
  private var start = 0
  private var hasEnded = false

  /// - Parameter delimiter: ends a line; a carriage return before a line feed belongs to neither.
  package init(descriptor: Int32 = STDIN_FILENO, delimiter: UInt8 = 0x0A) {
    self.descriptor = descriptor
    self.delimiter = delimiter
  }

  /// The next line that is not empty, without its end; nil after the last. Waits for one that is not there yet. A line
  /// longer than ``longestLine`` is cut.
  package mutating func next() throws(FileSystemError) -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      while start < buffer.count {
        let byte = buffer[start]
        start += 1
        guard byte == delimiter else {
          if line.count < Self.longestLine { line.append(byte) }
          continue
        }
        if delimiter == 0x0A, line.last == 0x0D { line.removeLast() }
        if !line.isEmpty { return line }
      }
      if hasEnded { return line.isEmpty ? nil : line }
      try refill()
    }
  }

  private mutating func refill() throws(FileSystemError) {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw .last("read", "standard input")
      }
      hasEnded = count == 0
      buffer = Array(bytes[..<count])
      start = 0
      return
    }
  }
}
