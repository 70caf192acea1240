// Errors of bytes that are not a protobuf message. Each defect has one case, with its position in the file.

/// The reason why bytes are not a valid protobuf message. Offsets count from the start of the file.
package enum ProtobufError: Error, Equatable, CustomStringConvertible {
  /// A value begins at `offset` and needs `expected` bytes, but its message has only `available` bytes left.
  case truncated(offset: Int, expected: UInt64, available: Int)
  /// A variable-length integer of more than 64 bits.
  case overlongInteger(offset: Int)
  /// A field number of 0 or above 2^29 - 1.
  case badFieldNumber(offset: Int, number: UInt64)
  /// A wire type that is unknown, or the deprecated type of a group.
  case badWireType(offset: Int, field: Int, wireType: Int)
  /// A field whose value is of another kind than its message declares.
  case wrongKind(offset: Int, field: Int, expected: String, found: String)
  /// A packed field whose bytes do not make a whole number of elements.
  case badPackedLength(offset: Int, field: Int, bytes: Int, elementSize: Int)
  /// A text field that is not UTF-8.
  case notText(offset: Int, field: Int)
  /// A field that may occur once occurs a second time.
  case repeatedField(offset: Int, field: Int)
  /// Messages are nested beyond the limit.
  case tooDeep(offset: Int, limit: Int)

  package var description: String {
    switch self {
    case .truncated(let offset, let expected, let available):
      "at byte \(offset): expected \(expected) bytes, but the message has \(available) left. "
        + "The file is cut off or damaged"
    case .overlongInteger(let offset): "at byte \(offset): an integer of more than 64 bits"
    case .badFieldNumber(let offset, let number):
      "at byte \(offset): expected a field number from 1 to 536870911, found \(number)"
    case .badWireType(let offset, let field, let wireType):
      "at byte \(offset): field \(field) has wire type \(wireType); expected 0, 1, 2 or 5"
    case .wrongKind(let offset, let field, let expected, let found):
      "at byte \(offset): field \(field) should be \(expected) but is \(found)"
    case .badPackedLength(let offset, let field, let bytes, let size):
      "at byte \(offset): the \(bytes) bytes of field \(field) are no whole number of elements of \(size)"
    case .notText(let offset, let field): "at byte \(offset): the text of field \(field) is not UTF-8"
    case .repeatedField(let offset, let field):
      "at byte \(offset): field \(field) is there twice; expected it once"
    case .tooDeep(let offset, let limit):
      "at byte \(offset): more than \(limit) messages within one another"
    }
  }
}
