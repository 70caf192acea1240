import TapFormats
import TapOperations

// The type codes of TensorProto.

/// A tensor's type as the file has it.
enum ONNXDataType {
  /// The element type and its format in raw data; nil if it is not supported.
  static func format(_ code: Int64) -> (type: ElementType, format: NumberFormat)? {
    guard let type = TypeCode.type(code) else { return nil }
    let format: NumberFormat =
      switch type {
      case .float32: .float32
      case .float64: .float64
      case .float16: .float16
      case .bfloat16: .bfloat16
      case .int64: .int64
      case .int32: .int32
      case .int16: .int16
      case .int8: .int8
      case .uint64: .uint64
      case .uint32: .uint32
      case .uint16: .uint16
      case .uint8: .uint8
      case .bool: .bool
      }
    return (type, format)
  }

  static func name(_ code: Int64) -> String { TypeCode.name(code) }
}
