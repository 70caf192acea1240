import TapFormats
import Testing

struct ProtobufTests {
  private func fields(_ bytes: [UInt8]) throws -> [ProtobufField] {
    let span = bytes.span
    var fields = ProtobufFields(fileOf: bytes.count)
    var all: [ProtobufField] = []
    while let field = try fields.next(in: span) { all.append(field) }
    return all
  }

  private func first(_ bytes: [UInt8]) throws -> ProtobufField { try #require(try fields(bytes).first) }

  /// The examples of protobuf.dev/programming-guides/encoding.
  @Test func readsTheSpecificationsExamples() throws {
    #expect(try first([0x08, 0x96, 0x01]).integer() == 150)
    let text: [UInt8] = [0x12, 0x07] + "testing".utf8
    #expect(try first(text).text(in: text.span) == "testing")
    let nested: [UInt8] = [0x1A, 0x03, 0x08, 0x96, 0x01]
    var inner = try first(nested).message()
    #expect(try inner.next(in: nested.span)?.integer() == 150)
    #expect(try inner.next(in: nested.span) == nil)
    let packed: [UInt8] = [0x32, 0x06, 0x03, 0x8E, 0x02, 0x9E, 0xA7, 0x05]
    var elements: [Int64] = []
    try first(packed).append(to: &elements, in: packed.span)
    #expect(elements == [3, 270, 86942])
  }

  @Test func readsNegativeIntegersAndFloats() throws {
    let minusTwo: [UInt8] = [0x08, 0xFE] + [UInt8](repeating: 0xFF, count: 8) + [0x01]
    #expect(try first(minusTwo).integer() == -2)
    #expect(try first([0x15, 0, 0, 0x80, 0x3F]).float() == 1)
    let floats: [UInt8] = [0x22, 0x08, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0x25, 0, 0, 0x40, 0x40]
    var elements: [Float] = []
    for field in try fields(floats) { try field.append(to: &elements, in: floats.span) }
    #expect(elements == [1, -2, 3])
    let doubles: [UInt8] = [0x52, 0x08, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x51, 0, 0, 0, 0, 0, 0, 0, 0x40]
    var wide: [Double] = []
    for field in try fields(doubles) { try field.append(to: &wide, in: doubles.span) }
    #expect(wide == [1, 2])
  }

  @Test(
    arguments: [
      ([0x08], ProtobufError.truncated(offset: 1, expected: 1, available: 0)),
      ([0x08, 0x80], .truncated(offset: 1, expected: 2, available: 1)),
      ([0x12, 0x05, 0x61], .truncated(offset: 2, expected: 5, available: 1)),
      (
        [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        .truncated(offset: 11, expected: .max, available: 0)
      ),
      ([0x15, 0, 0], .truncated(offset: 1, expected: 4, available: 2)),
      ([0x11, 0, 0, 0, 0, 0, 0, 0], .truncated(offset: 1, expected: 8, available: 7)),
      ([0x08] + [UInt8](repeating: 0x80, count: 10) + [0], .overlongInteger(offset: 1)),
      ([0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x02], .overlongInteger(offset: 1)),
      ([0x00, 0x00], .badFieldNumber(offset: 0, number: 0)),
      ([0x80, 0x80, 0x80, 0x80, 0x10, 0], .badFieldNumber(offset: 0, number: 1 << 29)),
      ([0x0B], .badWireType(offset: 0, field: 1, wireType: 3)),
      ([0x0C], .badWireType(offset: 0, field: 1, wireType: 4)),
      ([0x0F], .badWireType(offset: 0, field: 1, wireType: 7)),
    ] as [([UInt8], ProtobufError)])
  func namesTheDefect(bytes: [UInt8], error: ProtobufError) {
    #expect(throws: error) { try fields(bytes) }
  }

  @Test func namesValuesOfTheWrongKind() throws {
    let bytes: [UInt8] = [0x0A, 0x03, 0xFF, 0x00, 0x00]
    let field = try first(bytes)
    #expect(throws: ProtobufError.wrongKind(offset: 0, field: 1, expected: "an integer", found: "bytes")) {
      try field.integer()
    }
    #expect(throws: ProtobufError.notText(offset: 0, field: 1)) { try field.text(in: bytes.span) }
    var floats: [Float] = []
    #expect(throws: ProtobufError.badPackedLength(offset: 0, field: 1, bytes: 3, elementSize: 4)) {
      try field.append(to: &floats, in: bytes.span)
    }
    #expect(throws: ProtobufError.wrongKind(offset: 0, field: 1, expected: "bytes", found: "an integer")) {
      try first([0x08, 0]).message()
    }
  }

  @Test func boundsTheDepth() throws {
    // Each message contains the next one in field 1. Every length takes two bytes.
    var bytes: [UInt8] = []
    for _ in 0..<100 {
      bytes = [0x0A, UInt8(bytes.count & 0x7F | 0x80), UInt8(bytes.count >> 7)] + bytes
    }
    let span = bytes.span
    var fields = ProtobufFields(fileOf: bytes.count)
    var depth = 0
    do throws(ProtobufError) {
      while let field = try fields.next(in: span) {
        fields = try field.message()
        depth += 1
      }
      Issue.record("no error at depth \(depth)")
    } catch {
      guard case .tooDeep(_, let limit) = error else { throw error }
      #expect(depth == limit - 1)
    }
  }
}
