// Writes messages in the wire format of protocol buffers (protobuf.dev, "Encoding"). A message keeps large tensors as
// they are, so that a file of weights needs no second copy of them.

/// A message to write: fields in the order in which they were added.
package struct ProtobufMessage: Sendable {
  private enum Piece: Sendable {
    case bytes([UInt8])
    /// Values that are written as little-endian float32.
    case floats([Float])
  }

  private var pieces: [Piece] = []
  /// The number of bytes of the encoded message.
  package private(set) var byteCount = 0

  package init() {}

  /// Adds an int32, int64, bool or enumeration field. A negative number has ten bytes.
  package mutating func add(_ field: Int, _ value: Int64) {
    var bytes: [UInt8] = []
    Self.append(Self.tag(field, .integer), to: &bytes)
    Self.append(UInt64(bitPattern: value), to: &bytes)
    append(bytes)
  }

  /// Adds a float32 field.
  package mutating func add(_ field: Int, _ value: Float) {
    var bytes: [UInt8] = []
    Self.append(Self.tag(field, .fixed32), to: &bytes)
    bytes += [value].littleEndianBytes
    append(bytes)
  }

  /// Adds a text field, in UTF-8.
  package mutating func add(_ field: Int, _ text: String) { add(field, bytes: Array(text.utf8)) }

  /// Adds a field of bytes.
  package mutating func add(_ field: Int, bytes: [UInt8]) {
    append(Self.head(field, count: bytes.count) + bytes)
  }

  /// Adds a field of bytes that holds `floats` as little-endian float32. The packed form of a repeated float field is
  /// the same bytes.
  package mutating func add(_ field: Int, floats: [Float]) {
    append(Self.head(field, count: 4 * floats.count))
    pieces.append(.floats(floats))
    byteCount += 4 * floats.count
  }

  /// Adds a repeated field of integers, in the packed form.
  package mutating func add(_ field: Int, packed integers: [Int64]) {
    var bytes: [UInt8] = []
    for integer in integers { Self.append(UInt64(bitPattern: integer), to: &bytes) }
    add(field, bytes: bytes)
  }

  /// Adds a field that is a message.
  package mutating func add(_ field: Int, _ message: ProtobufMessage) {
    append(Self.head(field, count: message.byteCount))
    pieces += message.pieces
    byteCount += message.byteCount
  }

  /// Calls `body` with the encoded bytes, part by part in order. A part has at most one tensor.
  package func forEachPart<Failure: Error>(_ body: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
    var small: [UInt8] = []
    for piece in pieces {
      switch piece {
      case .bytes(let bytes): small += bytes
      case .floats(let floats):
        try body(small)
        small = []
        try body(floats.littleEndianBytes)
      }
    }
    try body(small)
  }

  /// The encoded bytes.
  package var encoded: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    forEachPart { bytes += $0 }
    return bytes
  }

  private mutating func append(_ bytes: [UInt8]) {
    pieces.append(.bytes(bytes))
    byteCount += bytes.count
  }

  private enum WireType: UInt64 {
    case integer = 0
    case bytes = 2
    case fixed32 = 5
  }

  private static func tag(_ field: Int, _ type: WireType) -> UInt64 { UInt64(field) << 3 | type.rawValue }

  private static func head(_ field: Int, count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    append(tag(field, .bytes), to: &bytes)
    append(UInt64(count), to: &bytes)
    return bytes
  }

  /// Appends a number in groups of seven bits, the lowest first.
  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
