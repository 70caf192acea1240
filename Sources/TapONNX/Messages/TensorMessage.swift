// A tensor as it is in the file. The tensor is an initializer, an attribute, or a file of the backend tests.

import TapFormats

struct TensorMessage {
  var name = ""
  var dims: [Int64] = []
  /// The code of the element type in TensorProto.
  var type: Int64 = 0
  /// The range of the bytes of `raw_data` in the file.
  var raw: Range<Int>?
  var floats: [Float] = []
  /// The values of int32_data, int64_data or uint64_data.
  var integers: [Int64] = []
  var doubles: [Double] = []
  var textCount = 0
  var isExternal = false
  var external: [EntryMessage] = []
  var hasSegment = false

  init(_ fields: ProtobufFields, _ bytes: Span<UInt8>) throws(ProtobufError) {
    var fields = fields
    while let field = try fields.next(in: bytes) {
      switch field.number {
      case 1: try field.append(to: &dims, in: bytes)
      case 2: type = try field.integer()
      case 3: hasSegment = true
      case 4: try field.append(to: &floats, in: bytes)
      case 5, 7, 11: try field.append(to: &integers, in: bytes)
      case 6: textCount += 1
      case 8: name = try field.text(in: bytes)
      case 9: raw = try field.range()
      case 10: try field.append(to: &doubles, in: bytes)
      case 13: external.append(try EntryMessage(field.message(), bytes))
      case 14: isExternal = try field.integer() == 1
      default: break
      }
    }
  }
}
