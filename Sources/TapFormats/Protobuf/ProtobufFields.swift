// Reads the protobuf wire format (protobuf.dev/programming-guides/encoding). A message is a sequence of fields, and
// each field is a tag and a value. Fields are read one after the other. The caller keeps the bytes and passes them to
// each call.

/// The fields of one message, in the order of the file.
///
/// Everything is checked. A length is compared with the end of its message before the length is used. Messages may be
/// nested to a depth of ``depthLimit``.
package struct ProtobufFields: Sendable {
  private var offset: Int
  private let end: Int
  private let depth: Int

  /// The largest depth of nested messages.
  package static let depthLimit = 64

  /// Makes a reader of a message that fills a whole file.
  package init(fileOf count: Int) { self.init(0..<count, depth: 0) }

  init(_ range: Range<Int>, depth: Int) {
    offset = range.lowerBound
    end = range.upperBound
    self.depth = depth
  }

  /// The next field; nil at the end of the message.
  ///
  /// - Parameter bytes: The whole file.
  /// - Throws: ``ProtobufError`` if the tag or the value is invalid, or ends beyond the message.
  package mutating func next(in bytes: Span<UInt8>) throws(ProtobufError) -> ProtobufField? {
    guard offset < end else { return nil }
    let start = offset
    let tag = try Self.integer(in: bytes, at: &offset, end: end)
    guard (1...0x1FFF_FFFF).contains(tag >> 3) else {
      throw .badFieldNumber(offset: start, number: tag >> 3)
    }
    let number = Int(tag >> 3)
    let value: ProtobufField.Value
    switch tag & 7 {
    case 0: value = .integer(try Self.integer(in: bytes, at: &offset, end: end))
    case 1: value = .fixed64(bytes.littleEndian(UInt64.self, at: try take(8).lowerBound))
    case 2: value = .bytes(try take(try Self.integer(in: bytes, at: &offset, end: end)))
    case 5: value = .fixed32(bytes.littleEndian(UInt32.self, at: try take(4).lowerBound))
    default: throw .badWireType(offset: start, field: number, wireType: Int(tag & 7))
    }
    return ProtobufField(number: number, offset: start, value: value, depth: depth)
  }

  private mutating func take(_ count: UInt64) throws(ProtobufError) -> Range<Int> {
    guard count <= UInt64(end - offset) else {
      throw .truncated(offset: offset, expected: count, available: end - offset)
    }
    let range = offset..<offset + Int(count)
    offset = range.upperBound
    return range
  }

  /// A base-128 integer, whose least significant group comes first. Afterwards `offset` is behind the integer.
  static func integer(
    in bytes: Span<UInt8>, at offset: inout Int, end: Int
  ) throws(ProtobufError) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard offset < end else {
        throw .truncated(offset: start, expected: shift / 7 + 1, available: end - start)
      }
      let byte = bytes[offset]
      offset += 1
      // The tenth byte holds only the highest bit.
      guard shift < 63 || byte <= 1 else { throw .overlongInteger(offset: start) }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
    }
    throw .overlongInteger(offset: start)
  }
}
