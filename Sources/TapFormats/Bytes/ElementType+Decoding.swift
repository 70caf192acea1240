// Converts a file's little-endian elements to float32.

import TapTensors

extension ElementType {
  /// The `count` numbers at `offset`. Numbers that float32 cannot represent are rounded.
  ///
  /// - Precondition: the numbers are completely within the span.
  package func floats(in bytes: Span<UInt8>, at offset: Int, count: Int) -> [Float] {
    switch self {
    case .float32: bytes.values(Float.self, at: offset, count: count)
    case .float64: bytes.converted(Double.self, at: offset, count: count) { Float($0) }
    case .float16: bytes.converted(UInt16.self, at: offset, count: count) { Float(float16Bits: $0) }
    case .bfloat16: bytes.converted(UInt16.self, at: offset, count: count) { Float(bfloat16Bits: $0) }
    case .int64: bytes.converted(Int64.self, at: offset, count: count) { Float($0) }
    case .int32: bytes.converted(Int32.self, at: offset, count: count) { Float($0) }
    case .int16: bytes.converted(Int16.self, at: offset, count: count) { Float($0) }
    case .int8: bytes.converted(Int8.self, at: offset, count: count) { Float($0) }
    case .uint64: bytes.converted(UInt64.self, at: offset, count: count) { Float($0) }
    case .uint32: bytes.converted(UInt32.self, at: offset, count: count) { Float($0) }
    case .uint16: bytes.converted(UInt16.self, at: offset, count: count) { Float($0) }
    case .uint8, .bool: bytes.converted(UInt8.self, at: offset, count: count) { Float($0) }
    }
  }
}

extension Span where Element == UInt8 {
  /// Converts the numbers to floats in pieces, so that memory never holds all numbers in their own type.
  fileprivate func converted<T: BitwiseCopyable>(
    _ type: T.Type, at offset: Int, count: Int, _ convert: (T) -> Float
  ) -> [Float] {
    let piece = 1 << 16
    var floats: [Float] = []
    floats.reserveCapacity(count)
    for start in stride(from: 0, to: count, by: piece) {
      let numbers = values(
        type, at: offset + start * MemoryLayout<T>.stride, count: min(piece, count - start))
      for number in numbers { floats.append(convert(number)) }
    }
    return floats
  }
}
