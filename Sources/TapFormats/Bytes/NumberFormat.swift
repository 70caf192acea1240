// How the numbers of a file are laid out, and their way to float32.

/// A little-endian number as it lies in .npy, safetensors and PyTorch files.
package enum NumberFormat: Hashable, Sendable, CaseIterable {
  case float64, float32, float16, bfloat16
  case int64, int32, int16, int8
  case uint64, uint32, uint16, uint8
  /// One byte, 0 or 1.
  case bool

  /// Bytes of one number.
  package var size: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  /// `count` numbers at `offset`, rounded to float32 where they are wider.
  ///
  /// - Precondition: the numbers lie wholly within the span.
  package func floats(in bytes: Span<UInt8>, at offset: Int, count: Int) -> [Float] {
    switch self {
    case .float32: bytes.values(Float.self, at: offset, count: count)
    case .float64: bytes.values(Double.self, at: offset, count: count).map { Float($0) }
    case .float16: bytes.values(UInt16.self, at: offset, count: count).map { Float(float16Bits: $0) }
    case .bfloat16: bytes.values(UInt16.self, at: offset, count: count).map { Float(bfloat16Bits: $0) }
    case .int64: bytes.values(Int64.self, at: offset, count: count).map { Float($0) }
    case .int32: bytes.values(Int32.self, at: offset, count: count).map { Float($0) }
    case .int16: bytes.values(Int16.self, at: offset, count: count).map { Float($0) }
    case .int8: bytes.values(Int8.self, at: offset, count: count).map { Float($0) }
    case .uint64: bytes.values(UInt64.self, at: offset, count: count).map { Float($0) }
    case .uint32: bytes.values(UInt32.self, at: offset, count: count).map { Float($0) }
    case .uint16: bytes.values(UInt16.self, at: offset, count: count).map { Float($0) }
    case .uint8, .bool: bytes.values(UInt8.self, at: offset, count: count).map { Float($0) }
    }
  }
}
