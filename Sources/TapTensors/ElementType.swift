// The number types of tensors. The readers of file formats map their own codes to these types.

/// The type of a tensor's elements. The names are NumPy's, except that ``bfloat16`` has PyTorch's name.
package enum ElementType: String, Hashable, Sendable, CaseIterable {
  case float32, float64, float16, bfloat16
  case int64, int32, int16, int8
  case uint64, uint32, uint16, uint8
  /// Each element is 0 or 1.
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

  /// Whether the elements are signed or unsigned integers; false for ``bool``.
  package var isInteger: Bool { !isFloat && self != .bool }
}

extension ElementType: CustomStringConvertible {
  package var description: String { rawValue }
}
