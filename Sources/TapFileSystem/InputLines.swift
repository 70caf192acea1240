// Lines of a stream, read one at a time as they arrive. The lines are paths on standard input.

import Glibc

/// Reads lines from a file descriptor. A read does not wait for more bytes than one system call returns.
package struct InputLines {
  /// The maximum length of a line in bytes. A longer line cannot be a path, and its further bytes are dropped.
  package static let longestLine = 65_536

  private let descriptor: Int32
  private let delimiter: UInt8
  /// The bytes that were received but are not yet decoded.
  private var received: [UInt8] = []
  /// Decoded bytes, in UTF-8.
  private var buffer: [UInt8] = []
  private var start = 0
  private var hasEnded = false
  /// The encoding of the stream; nil until the start of the stream is known.
  private var encoding: Encoding?

  /// The encoding of the stream. A byte order mark at the start gives the encoding. Otherwise the bytes are passed on
  /// unchanged.
  private enum Encoding {
    case bytes, utf16LittleEndian, utf16BigEndian
  }

  private static let marks: [(bytes: [UInt8], encoding: Encoding)] = [
    ([0xEF, 0xBB, 0xBF], .bytes), ([0xFF, 0xFE], .utf16LittleEndian), ([0xFE, 0xFF], .utf16BigEndian),
  ]

  /// - Parameter delimiter: the byte that ends a line. A carriage return before a line feed is not part of the line.
  package init(descriptor: Int32 = STDIN_FILENO, delimiter: UInt8 = 0x0A) {
    self.descriptor = descriptor
    self.delimiter = delimiter
  }

  /// The next line, without its end and without a byte order mark. Lines may be empty. The result is nil after the last
  /// line. The function waits for a line that has not arrived yet. UTF-16 with a byte order mark becomes UTF-8. An
  /// unpaired surrogate becomes bytes that are not valid UTF-8. A line longer than ``longestLine`` is cut.
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
        return line
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
      received += bytes[..<count]
      buffer = decoded()
      start = 0
      return
    }
  }

  /// Decodes all complete characters that were received. At the end of the stream, decodes the remaining bytes too.
  private mutating func decoded() -> [UInt8] {
    if encoding == nil {
      if let mark = Self.marks.first(where: { received.starts(with: $0.bytes) }) {
        encoding = mark.encoding
        received.removeFirst(mark.bytes.count)
      } else if !received.isEmpty, !hasEnded,
        Self.marks.contains(where: { $0.bytes.starts(with: received) })
      {
        return []
      } else {
        encoding = .bytes
      }
    }
    guard let encoding, encoding != .bytes else {
      defer { received = [] }
      return received
    }
    let high = encoding == .utf16BigEndian ? 0 : 1
    var text: [UInt8] = []
    var at = 0
    func unit(_ at: Int) -> UInt32? {
      at + 2 <= received.count ? UInt32(received[at + high]) << 8 | UInt32(received[at + 1 - high]) : nil
    }
    while let first = unit(at) {
      guard 0xD800...0xDBFF ~= first else {
        Self.append(first, to: &text)
        at += 2
        continue
      }
      guard let second = unit(at + 2) else {
        if !hasEnded { break }
        Self.append(first, to: &text)
        at += 2
        continue
      }
      if 0xDC00...0xDFFF ~= second {
        Self.append(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00), to: &text)
        at += 4
      } else {
        Self.append(first, to: &text)
        at += 2
      }
    }
    received.removeFirst(at)
    if hasEnded, !received.isEmpty {
      text.append(0xFF)
      received = []
    }
    return text
  }

  /// Appends the UTF-8 of a code point. An unpaired surrogate becomes three bytes that are not valid UTF-8.
  private static func append(_ value: UInt32, to text: inout [UInt8]) {
    func continuation(_ shift: UInt32) -> UInt8 { UInt8(0x80 | value >> shift & 0x3F) }
    switch value {
    case ..<0x80: text.append(UInt8(value))
    case ..<0x800: text += [UInt8(0xC0 | value >> 6), continuation(0)]
    case ..<0x10000: text += [UInt8(0xE0 | value >> 12), continuation(6), continuation(0)]
    default: text += [UInt8(0xF0 | value >> 18), continuation(12), continuation(6), continuation(0)]
    }
  }
}
