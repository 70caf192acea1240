// A graph's description of its values: names, types and shapes.

import TapFormats

struct ValueInfoMessage {
  var name = ""
  var type: TypeMessage?

  init(_ fields: ProtobufFields, _ bytes: Span<UInt8>) throws(ProtobufError) {
    var fields = fields
    while let field = try fields.next(in: bytes) {
      switch field.number {
      case 1: name = try field.text(in: bytes)
      case 2: type = try TypeMessage(field.message(), bytes)
      default: break
      }
    }
  }
}

enum TypeMessage {
  /// A tensor: the code of its element type in TensorProto, and its axes if the file gives them.
  case tensor(Int64, [DimensionMessage]?)
  /// A sequence, a map or another type that this program does not examine.
  case other(String)

  init?(_ fields: ProtobufFields, _ bytes: Span<UInt8>) throws(ProtobufError) {
    var fields = fields
    var result: TypeMessage?
    while let field = try fields.next(in: bytes) {
      switch field.number {
      case 1: result = try Self.tensor(field.message(), bytes)
      case 4: result = .other("a sequence")
      case 5: result = .other("a map")
      case 7: result = .other("an opaque type")
      case 8: result = .other("a sparse tensor")
      case 9: result = .other("an optional")
      default: break
      }
    }
    guard let result else { return nil }
    self = result
  }

  private static func tensor(
    _ fields: ProtobufFields, _ bytes: Span<UInt8>
  ) throws(ProtobufError) -> TypeMessage {
    var fields = fields
    var type: Int64 = 0
    var dimensions: [DimensionMessage]?
    while let field = try fields.next(in: bytes) {
      switch field.number {
      case 1: type = try field.integer()
      case 2:
        var axes: [DimensionMessage] = []
        var shape = try field.message()
        while let axis = try shape.next(in: bytes) {
          if axis.number == 1 { axes.append(try DimensionMessage(axis.message(), bytes)) }
        }
        dimensions = axes
      default: break
      }
    }
    return .tensor(type, dimensions)
  }
}

enum DimensionMessage {
  case extent(Int64)
  case symbol(String)
  case unknown

  init(_ fields: ProtobufFields, _ bytes: Span<UInt8>) throws(ProtobufError) {
    var fields = fields
    self = .unknown
    while let field = try fields.next(in: bytes) {
      switch field.number {
      case 1: self = .extent(try field.integer())
      case 2: self = .symbol(try field.text(in: bytes))
      default: break
      }
    }
  }
}
