// The arithmetic of each element type. Floats of every width are stored as float32 and rounded to their own type after
// each operation, so float64 has only the precision of float32. Integers are stored as 64 bits and wrap around at the
// width of their type.

import TapTensors

extension ElementType {
  /// `x` rounded to this type; ties are rounded to even.
  package func rounded(_ x: Float) -> Float {
    switch self {
    case .float16: Self.roundedToHalf(x)
    case .bfloat16: x.isNaN ? x : Self.roundedBits(x, dropping: 16)
    default: x
    }
  }

  /// `x` modulo 2^width, in the range of this type. A uint64 is stored as the Int64 with the same bits.
  package func wrapped(_ x: Int64) -> Int64 {
    switch self {
    case .int32: Int64(Int32(truncatingIfNeeded: x))
    case .int16: Int64(Int16(truncatingIfNeeded: x))
    case .int8: Int64(Int8(truncatingIfNeeded: x))
    case .uint32: Int64(UInt32(truncatingIfNeeded: x))
    case .uint16: Int64(UInt16(truncatingIfNeeded: x))
    case .uint8: Int64(UInt8(truncatingIfNeeded: x))
    case .bool: x == 0 ? 0 : 1
    default: x
    }
  }

  /// The smallest and the largest integer of this type. For uint64, the largest is Int64.max.
  package var integerRange: ClosedRange<Int64> {
    switch self {
    case .int32: Int64(Int32.min)...Int64(Int32.max)
    case .int16: Int64(Int16.min)...Int64(Int16.max)
    case .int8: Int64(Int8.min)...Int64(Int8.max)
    case .uint64: 0...Int64.max
    case .uint32: 0...Int64(UInt32.max)
    case .uint16: 0...Int64(UInt16.max)
    case .uint8: 0...Int64(UInt8.max)
    case .bool: 0...1
    default: Int64.min...Int64.max
    }
  }

  private static func roundedToHalf(_ x: Float) -> Float {
    let magnitude = x.magnitude
    if x.isNaN || magnitude.isInfinite { return x }
    // 65,520 is halfway between 65,504, the largest float16, and the next power of two.
    if magnitude >= 65_520 { return Float(signOf: x, magnitudeOf: .infinity) }
    // Subnormal numbers of float16 are multiples of 2^-24.
    if magnitude < 0x1p-14 { return (x * 0x1p24).rounded(.toNearestOrEven) * 0x1p-24 }
    return roundedBits(x, dropping: 13)
  }

  private static func roundedBits(_ x: Float, dropping count: UInt32) -> Float {
    let bits = x.bitPattern
    let half = (UInt32(1) << (count - 1)) - 1 + (bits >> count & 1)
    return Float(bitPattern: ((bits &+ half) >> count) << count)
  }
}
