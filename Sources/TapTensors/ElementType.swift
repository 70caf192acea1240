// The types of numbers in tensors. Formats of files map their own codes to them.

/// The type of a tensor's elements, by NumPy's name, or PyTorch's for ``bfloat16``.
package enum ElementType: String, Hashable, Sendable, CaseIterable {
  case float32, float64, float16, bfloat16
  case int64, int32, int16, int8
  case uint64, uint32, uint16, uint8
  /// 0 or 1.
  case bool

  /// The number of bytes of one element in a file.
  package var byteCount: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  /// Whether the elements are floats.
  package var isFloat: Bool {
    switch self {
    case .float32, .float64, .float16, .bfloat16: true
    default: false
    }
  }

  /// Whether the elements are integers, signed or not; false for ``bool``.
  package var isInteger: Bool { !isFloat && self != .bool }
}

extension ElementType: CustomStringConvertible {
  package var description: String { rawValue }
}
