// Reads the decimal numbers in text files of features.

/// Numbers read from text.
package enum DecimalText {
  /// The number that all bytes of a range spell, correctly rounded: `-1.5e3`, `nan`, `inf`. The result is nil for other
  /// text.
  ///
  /// A number of up to 15 digits is exact in double precision, and so is a power of ten up to 10^22. One product or
  /// quotient of two exact numbers is rounded once, so the result is correct. The slower parser of Swift's standard
  /// library reads all other numbers.
  package static func double(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
    var offset = range.lowerBound
    var isNegative = false
    if offset < range.upperBound, bytes[offset] == UInt8(ascii: "-") || bytes[offset] == UInt8(ascii: "+") {
      isNegative = bytes[offset] == UInt8(ascii: "-")
      offset += 1
    }
    var (mantissa, digits, power, seen) = (0, 0, 0, false)
    var isFraction = false
    while offset < range.upperBound {
      let byte = bytes[offset]
      if byte >= 0x30, byte <= 0x39 {
        seen = true
        if digits < 18 {
          mantissa = 10 * mantissa + Int(byte - 0x30)
          if mantissa > 0 { digits += 1 }
          if isFraction { power -= 1 }
        } else {
          return slowly(bytes, range)
        }
      } else if byte == UInt8(ascii: "."), !isFraction {
        isFraction = true
      } else {
        break
      }
      offset += 1
    }
    guard seen else { return slowly(bytes, range) }
    if offset < range.upperBound {
      guard bytes[offset] == UInt8(ascii: "e") || bytes[offset] == UInt8(ascii: "E") else { return nil }
      return slowly(bytes, range)
    }
    guard digits <= 15, power >= -22 else { return slowly(bytes, range) }
    let value = power == 0 ? Double(mantissa) : Double(mantissa) / powers[-power]
    return isNegative ? -value : value
  }

  /// The number that a slice of an array spells; see ``double(_:_:)``.
  package static func double(_ bytes: ArraySlice<UInt8>) -> Double? { double(bytes.span, 0..<bytes.count) }

  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19,
    1e20, 1e21, 1e22,
  ]

  /// Parses the number with Swift's own parser. Hexadecimal numbers are refused.
  private static func slowly(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
    let characters = bytes.values(UInt8.self, at: range.lowerBound, count: range.count)
    guard !characters.contains(where: { $0 == UInt8(ascii: "x") || $0 == UInt8(ascii: "X") }) else {
      return nil
    }
    return Double(String(decoding: characters, as: UTF8.self))
  }
}
