// The codes of element types in ONNX files. Tensors and the attribute of a cast use these codes.

import TapTensors

/// The element types of TensorProto, by their codes.
package enum ONNXDataType {
  /// The element type of a code; nil if the type is not supported.
  package static func type(_ code: Int64) -> ElementType? {
    switch code {
    case 1: .float32
    case 2: .uint8
    case 3: .int8
    case 4: .uint16
    case 5: .int16
    case 6: .int32
    case 7: .int64
    case 9: .bool
    case 10: .float16
    case 11: .float64
    case 12: .uint32
    case 13: .uint64
    case 16: .bfloat16
    default: nil
    }
  }

  /// The code of an element type.
  package static func code(_ type: ElementType) -> Int64 {
    switch type {
    case .float32: 1
    case .uint8: 2
    case .int8: 3
    case .uint16: 4
    case .int16: 5
    case .int32: 6
    case .int64: 7
    case .bool: 9
    case .float16: 10
    case .float64: 11
    case .uint32: 12
    case .uint64: 13
    case .bfloat16: 16
    }
  }

  /// The type of a code as text for messages, such as `of float32`.
  package static func name(_ code: Int64) -> String {
    let names: [Int64: String] = [
      0: "of no type", 8: "of strings", 14: "of complex64", 15: "of complex128", 17: "of float8e4m3fn",
      18: "of float8e4m3fnuz", 19: "of float8e5m2", 20: "of float8e5m2fnuz", 21: "of uint4", 22: "of int4",
      23: "of float4e2m1", 24: "of float8e8m0", 25: "of uint2", 26: "of int2",
    ]
    return type(code).map { "of \($0)" } ?? names[code] ?? "of the type \(code)"
  }
}
