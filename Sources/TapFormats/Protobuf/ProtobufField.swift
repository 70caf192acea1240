// Reads a field's value as the type that the field's message declares.

/// One field of a message.
package struct ProtobufField: Sendable {
  package let number: Int
  /// The offset of the field's tag in the file.
  package let offset: Int
  let value: Value
  let depth: Int

  enum Value: Hashable, Sendable {
    case integer(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// The range of the value's bytes in the file. The range is always within the message.
    case bytes(Range<Int>)
  }

  /// The value of an int32, int64, uint64, bool or enumeration field. Negative numbers are 64-bit two's complement.
  package func integer() throws(ProtobufError) -> Int64 {
    guard case .integer(let value) = value else { throw wrongKind("an integer") }
    return Int64(bitPattern: value)
  }

  /// The value of a float32 field.
  package func float() throws(ProtobufError) -> Float {
    guard case .fixed32(let bits) = value else { throw wrongKind("a 32-bit float") }
    return Float(bitPattern: bits)
  }

  /// The range in the file of the bytes of a `bytes` field.
  package func range() throws(ProtobufError) -> Range<Int> {
    guard case .bytes(let range) = value else { throw wrongKind("bytes") }
    return range
  }

  /// The value of a text field.
  package func text(in bytes: Span<UInt8>) throws(ProtobufError) -> String {
    let range = try range()
    let units = bytes.values(UInt8.self, at: range.lowerBound, count: range.count)
    guard let text = String(validating: units, as: UTF8.self) else {
      throw .notText(offset: offset, field: number)
    }
    return text
  }

  /// The fields of a message that is this field's value.
  package func message() throws(ProtobufError) -> ProtobufFields {
    let range = try range()
    guard depth + 1 < ProtobufFields.depthLimit else {
      throw .tooDeep(offset: offset, limit: ProtobufFields.depthLimit)
    }
    return ProtobufFields(range, depth: depth + 1)
  }

  /// Appends one element of a repeated integer field, or all elements of a packed field.
  package func append(to elements: inout [Int64], in bytes: Span<UInt8>) throws(ProtobufError) {
    switch value {
    case .integer(let value): elements.append(Int64(bitPattern: value))
    case .bytes(let range):
      var offset = range.lowerBound
      while offset < range.upperBound {
        let value = try ProtobufFields.integer(in: bytes, at: &offset, end: range.upperBound)
        elements.append(Int64(bitPattern: value))
      }
    default: throw wrongKind("integers")
    }
  }

  /// Appends one element of a repeated float field, or all elements of a packed field.
  package func append(to elements: inout [Float], in bytes: Span<UInt8>) throws(ProtobufError) {
    switch value {
    case .fixed32(let bits): elements.append(Float(bitPattern: bits))
    case .bytes(let range):
      elements += bytes.values(
        Float.self, at: range.lowerBound, count: try packedCount(range, elementSize: 4))
    default: throw wrongKind("32-bit floats")
    }
  }

  /// Appends one element of a repeated double field, or all elements of a packed field.
  package func append(to elements: inout [Double], in bytes: Span<UInt8>) throws(ProtobufError) {
    switch value {
    case .fixed64(let bits): elements.append(Double(bitPattern: bits))
    case .bytes(let range):
      elements += bytes.values(
        Double.self, at: range.lowerBound, count: try packedCount(range, elementSize: 8))
    default: throw wrongKind("64-bit floats")
    }
  }

  /// The error for a field that occurs a second time.
  package var repeated: ProtobufError { .repeatedField(offset: offset, field: number) }

  private func packedCount(_ range: Range<Int>, elementSize: Int) throws(ProtobufError) -> Int {
    guard range.count % elementSize == 0 else {
      throw .badPackedLength(offset: offset, field: number, bytes: range.count, elementSize: elementSize)
    }
    return range.count / elementSize
  }

  private func wrongKind(_ expected: String) -> ProtobufError {
    let found =
      switch value {
      case .integer: "an integer"
      case .fixed32: "a 32-bit number"
      case .fixed64: "a 64-bit number"
      case .bytes: "bytes"
      }
    return .wrongKind(offset: offset, field: number, expected: expected, found: found)
  }
}
