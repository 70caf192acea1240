import TapFormats
import Testing

/// The bytes of messages, against the examples of protobuf.dev, "Encoding".
@Suite struct ProtobufMessageTests {
  @Test func theSpecificationsExamplesHaveTheirBytes() {
    var integer = ProtobufMessage()
    integer.add(1, Int64(150))
    #expect(integer.encoded == [0x08, 0x96, 0x01])
    var text = ProtobufMessage()
    text.add(2, "testing")
    #expect(text.encoded == [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67])
    var outer = ProtobufMessage()
    outer.add(3, integer)
    #expect(outer.encoded == [0x1a, 0x03, 0x08, 0x96, 0x01])
    var packed = ProtobufMessage()
    packed.add(6, packed: [3, 270, 86942])
    #expect(packed.encoded == [0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05])
    var negative = ProtobufMessage()
    negative.add(1, Int64(-2))
    #expect(negative.encoded == [0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
    var float = ProtobufMessage()
    float.add(1, Float(1))
    #expect(float.encoded == [0x0d, 0x00, 0x00, 0x80, 0x3f])
  }

  @Test func theCountIsThatOfTheBytes() throws {
    var inner = ProtobufMessage()
    inner.add(9, floats: [Float](repeating: 0.5, count: 1000))
    inner.add(8, String(repeating: "n", count: 200))
    var outer = ProtobufMessage()
    outer.add(1, Int64.max)
    outer.add(300, inner)
    outer.add(2, bytes: [])
    #expect(outer.byteCount == outer.encoded.count)
    var parts: [UInt8] = []
    outer.forEachPart { parts += $0 }
    #expect(parts == outer.encoded)
    let bytes = outer.encoded
    var fields = ProtobufFields(fileOf: bytes.count)
    var numbers: [Int] = []
    while let field = try fields.next(in: bytes.span) {
      numbers.append(field.number)
      guard field.number == 300 else { continue }
      var floats: [Float] = []
      var message = try field.message()
      while let part = try message.next(in: bytes.span) {
        if part.number == 9 { try part.append(to: &floats, in: bytes.span) }
      }
      #expect(floats == [Float](repeating: 0.5, count: 1000))
    }
    #expect(numbers == [1, 300, 2])
  }
}
