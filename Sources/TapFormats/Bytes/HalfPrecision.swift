// Converts 16-bit floats to float32 by their bits, since Swift's Float16 is missing on some x86-64 platforms.

extension Float {
  /// The value of an IEEE 754 binary16 number. The result is exact, since every half is also a float. NaN payloads are
  /// kept.
  package init(float16Bits bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      // A subnormal number is its fraction times 2^-24.
      let magnitude = Float(fraction) * 0x1p-24
      self = Float(bitPattern: magnitude.bitPattern | sign)
    case 0x1F: self = Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The value of a bfloat16 number, whose bits are the upper half of a float's bits.
  package init(bfloat16Bits bits: UInt16) {
    self = Float(bitPattern: UInt32(bits) << 16)
  }
}
