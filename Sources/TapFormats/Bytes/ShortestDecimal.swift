// Floating-point numbers as text, in hashed texts and in files.

/// The shortest decimal that reads back as the same number, in a format defined by this file.
///
/// With `d.ddd` times a power of ten:
/// - `0.0`, `-0.0`, `inf`, `-inf`;
/// - from 0.0001 to 2^24 (a float) or 2^53 (a double), both included: `0.0001`, `0.25`, `12.5`, `16777216.0`, with at
///   least one digit on both sides of the point;
/// - smaller and larger ones: `1e-05`, `1.5e+16`, `4e-320`, with a sign and at least two digits of the exponent, and a
///   point where there is more than one digit;
/// - `nan`, with `-` before it where the sign is set, `s` where it is signaling, `(0x5)` after it where there is a
///   payload.
///
/// Swift 6.3 prints the same. Earlier versions of this program hashed the texts that Swift printed. The rule is here
/// since those hashes name stores, and no Swift guarantees its format. Only the digits come from Swift: the fewest that
/// read back, and of those the nearest.
package enum ShortestDecimal {
  package static func text(_ value: Float) -> String {
    guard !value.isNaN else {
      return text(
        isNegative: value.sign == .minus, isSignaling: value.isSignalingNaN,
        payload: UInt64(value.bitPattern & 0x1F_FFFF))
    }
    return text(value.description, isNegative: value.sign == .minus, isLarge: value.magnitude > 16_777_216)
  }

  package static func text(_ value: Double) -> String {
    guard !value.isNaN else {
      return text(
        isNegative: value.sign == .minus, isSignaling: value.isSignalingNaN,
        payload: value.bitPattern & 0x3_FFFF_FFFF_FFFF)
    }
    return text(
      value.description, isNegative: value.sign == .minus, isLarge: value.magnitude > 9_007_199_254_740_992)
  }

  private static func text(isNegative: Bool, isSignaling: Bool, payload: UInt64) -> String {
    (isNegative ? "-" : "") + (isSignaling ? "snan" : "nan")
      + (payload == 0 ? "" : "(0x" + String(payload, radix: 16) + ")")
  }

  private static func text(_ printed: String, isNegative: Bool, isLarge: Bool) -> String {
    let sign = isNegative ? "-" : ""
    guard let (digits, exponent) = parts(printed) else { return sign + "inf" }
    let text = String(decoding: digits, as: UTF8.self)
    if digits.isEmpty { return sign + "0.0" }
    if isLarge || exponent < -4 {
      let fraction = text.dropFirst()
      let power = String(exponent.magnitude)
      return sign + text.prefix(1) + (fraction.isEmpty ? "" : "." + fraction) + (exponent < 0 ? "e-" : "e+")
        + (power.utf8.count < 2 ? "0" + power : power)
    }
    if exponent < 0 { return sign + "0." + zeros(-exponent - 1) + text }
    let whole = exponent + 1
    if digits.count <= whole { return sign + text + zeros(whole - digits.count) + ".0" }
    return sign + text.prefix(whole) + "." + text.dropFirst(whole)
  }

  private static func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }

  /// The digits of a printed number without zeros at either end, and the power of ten of the first one; nil without
  /// digits.
  private static func parts(_ printed: String) -> (digits: [UInt8], exponent: Int)? {
    var digits: [UInt8] = []
    // Digits before the point, leading zeros left out; after it they count down.
    var (whole, isFraction, seen) = (0, false, false)
    var bytes = printed.utf8[...]
    while let byte = bytes.first, byte != UInt8(ascii: "e"), byte != UInt8(ascii: "E") {
      bytes.removeFirst()
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        seen = true
        if byte != UInt8(ascii: "0") || !digits.isEmpty {
          digits.append(byte)
          if !isFraction { whole += 1 }
        } else if isFraction {
          whole -= 1
        }
      case UInt8(ascii: "."): isFraction = true
      case UInt8(ascii: "-"), UInt8(ascii: "+"): break
      default: return nil
      }
    }
    guard seen else { return nil }
    let power = bytes.isEmpty ? 0 : Int(String(decoding: bytes.dropFirst(), as: UTF8.self)) ?? 0
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return (digits, whole - 1 + power)
  }
}
