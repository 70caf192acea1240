import Glibc

// Lines of a stream, one at a time, as they come: paths on standard input.

/// Reads lines from a file descriptor without reading further than the system hands over at once.
package struct InputLines {
  /// A longer line is no path; only so much of it is kept.
  package static let longestLine = 65_536

  private let descriptor: Int32
  private let delimiter: UInt8
  /// What has come and is not looked at yet, as it came.
  private var received: [UInt8] = []
  /// UTF-8.
  private var buffer: [UInt8] = []
  private var start = 0
  private var hasEnded = false
  /// Nil until the first bytes have come.
  private var encoding: Encoding?

  /// How the stream is written: what a byte order mark at its start says, otherwise bytes that are passed on.
  private enum Encoding {
    case bytes, utf16LittleEndian, utf16BigEndian
  }

  private static let marks: [(bytes: [UInt8], encoding: Encoding)] = [
    ([0xEF, 0xBB, 0xBF], .bytes), ([0xFF, 0xFE], .utf16LittleEndian), ([0xFE, 0xFF], .utf16BigEndian),
  ]

  /// - Parameter delimiter: ends a line; a carriage return before a line feed belongs to neither.
  package init(descriptor: Int32 = STDIN_FILENO, delimiter: UInt8 = 0x0A) {
    self.descriptor = descriptor
    self.delimiter = delimiter
  }

  /// The next line, without its end and a byte order mark, empty ones too; nil after the last. Waits for one that is not there
  /// yet. UTF-16 with a byte order mark becomes UTF-8, half a character bytes that are no UTF-8. A line longer than
  /// ``longestLine`` is cut.
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

  /// Takes from what has come all that is whole; at the end the rest too.
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

  /// The UTF-8 of a code point; of half a pair three bytes that are none.
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
