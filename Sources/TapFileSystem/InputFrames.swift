// Frames of a stream: names with data, read one at a time as they arrive. Documentation/Protocols.md describes them.

import Glibc

/// A name with data.
package struct InputFrame: Sendable {
  /// The index of the frame in its stream, from 0.
  package let index: Int
  /// The bytes of the name; no encoding is required.
  package let name: [UInt8]
  /// The data. Nil for data above the limit, which were read and dropped.
  package let data: [UInt8]?
  /// The number of bytes of the data.
  package let byteCount: UInt64
}

/// The reason why a stream has no further frame.
package enum InputFrameError: Error, Equatable, CustomStringConvertible {
  /// The stream ended within a part of a frame.
  case end(index: Int, part: String, expected: UInt64, found: UInt64)
  /// A name is longer than ``InputFrames/longestName``. The next frame cannot be found.
  case longName(index: Int, count: UInt32)
  case file(FileSystemError)

  package var description: String {
    switch self {
    case .end(let index, let part, let expected, let found):
      "the input ends inside frame \(index): \(part) needs \(expected) bytes, and \(found) came"
    case .longName(let index, let count):
      "the name of frame \(index) would have \(count) bytes, and the limit is \(InputFrames.longestName): the lengths are wrong, "
        + "and no further frame can be found"
    case .file(let error): error.description
    }
  }
}

/// Reads frames from a file descriptor.
///
/// A frame is the length of its name (u32, little-endian), the name, the length of its data (u64, little-endian), and
/// the data. The stream may end between two frames only. A length that is not true costs no memory: memory grows with
/// the bytes that arrive.
package struct InputFrames {
  /// The largest number of bytes of a name.
  package static let longestName = 4096

  private let descriptor: Int32
  private let limit: UInt64
  /// The number of frames that were read.
  package private(set) var count = 0
  private var buffer = [UInt8](repeating: 0, count: 65_536)
  private var available: Range<Int> = 0..<0

  /// - Parameter limit: the largest number of bytes of data that are kept.
  package init(descriptor: Int32 = STDIN_FILENO, atMost limit: Int) {
    self.descriptor = descriptor
    self.limit = UInt64(limit)
  }

  /// The next frame; nil at the end. The function waits for a frame that has not arrived yet. After an error the stream
  /// has no further frame.
  package mutating func next() throws(InputFrameError) -> InputFrame? {
    let index = count
    let head = try bytes(4)
    if head.isEmpty { return nil }
    try require(head, 4, "the length of its name")
    let nameLength = UInt32(truncatingIfNeeded: Self.number(head))
    guard nameLength <= Self.longestName else { throw .longName(index: index, count: nameLength) }
    let name = try bytes(UInt64(nameLength))
    try require(name, UInt64(nameLength), "its name")
    let length = try bytes(8)
    try require(length, 8, "the length of its data")
    let byteCount = Self.number(length)
    var data: [UInt8]?
    if byteCount <= limit {
      let bytes = try bytes(byteCount)
      try require(bytes, byteCount, "its data")
      data = bytes
    } else {
      let skipped = try skip(byteCount)
      guard skipped == byteCount else {
        throw .end(index: index, part: "its data", expected: byteCount, found: skipped)
      }
    }
    count += 1
    return InputFrame(index: index, name: name, data: data, byteCount: byteCount)
  }

  private func require(_ bytes: [UInt8], _ expected: UInt64, _ part: String) throws(InputFrameError) {
    guard UInt64(bytes.count) == expected else {
      throw .end(index: count, part: part, expected: expected, found: UInt64(bytes.count))
    }
  }

  /// The number that little-endian bytes hold.
  private static func number(_ bytes: [UInt8]) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The next `wanted` bytes; fewer at the end of the stream.
  private mutating func bytes(_ wanted: UInt64) throws(InputFrameError) -> [UInt8] {
    var result: [UInt8] = []
    while UInt64(result.count) < wanted, try refill() {
      let taken = min(UInt64(available.count), wanted - UInt64(result.count))
      result += buffer[available.prefix(Int(taken))]
      available.removeFirst(Int(taken))
    }
    return result
  }

  /// Drops the next `wanted` bytes, and returns the number of bytes that came.
  private mutating func skip(_ wanted: UInt64) throws(InputFrameError) -> UInt64 {
    var skipped: UInt64 = 0
    while skipped < wanted, try refill() {
      let taken = min(UInt64(available.count), wanted - skipped)
      skipped += taken
      available.removeFirst(Int(taken))
    }
    return skipped
  }

  /// Reads bytes if none are available. Returns whether there are any.
  private mutating func refill() throws(InputFrameError) -> Bool {
    while available.isEmpty {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw .file(.last("read", "standard input"))
      }
      if count == 0 { return false }
      available = 0..<count
    }
    return true
  }
}
