// Writes floating-point numbers as text, for hashed texts and for files.

/// The shortest decimal text that reads back as the same number. This file defines the format.
///
/// The format depends on the value:
/// - `0.0`, `-0.0`, `inf`, `-inf`;
/// - from 0.0001 to 2^24 (a float) or 2^53 (a double), both ends included: plain decimals, such as `0.0001`, `0.25`,
///   `12.5`, `16777216.0`. At least one digit is on each side of the point;
/// - smaller and larger numbers: `d.ddd` and a power of ten, such as `1e-05`, `1.5e+16`, `4e-320`. The exponent has a
///   sign and at least two digits. A point is written if there is more than one digit;
/// - NaN: `nan`. If the sign bit is set, a `-` comes first. If the NaN is signaling, an `s` is before `nan`. If the
///   payload is not 0, it follows in parentheses: `(0x5)`.
///
/// Swift 6.3 prints the same text, but no Swift version guarantees this format. Earlier versions of this program hashed
/// the texts that Swift printed. Those hashes name stores, so this file fixes the format. Only the digits come from
/// Swift: the shortest digits that read back as the number, and among equally short decimals the decimal nearest to the
/// number.
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

  /// The digits of a printed number and the power of ten of the first digit. Zeros at either end are removed; the
  /// result is nil if no digit remains.
  private static func parts(_ printed: String) -> (digits: [UInt8], exponent: Int)? {
    var digits: [UInt8] = []
    // Counts the digits before the point, without leading zeros. If the number is below 1, zeros after the point make
    // the count negative.
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
