// Texts of numbers for people. Files contain the shortest digits that give the same number when they are read.

/// Texts of numbers for tables and sentences.
package enum NumberText {
  /// A number with `digits` digits after the point, such as `0.050`. A half is rounded away from zero.
  ///
  /// - Precondition: `digits` is 0 to 9.
  package static func fixed(_ value: Double, digits: Int) -> String {
    precondition((0...9).contains(digits), "\(digits) digits")
    guard value.isFinite else { return value.isNaN ? "nan" : (value < 0 ? "-inf" : "inf") }
    var power = 1.0
    for _ in 0..<digits { power *= 10 }
    let scaled = (abs(value) * power).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let whole = Int(scaled) / Int(power)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    let fraction = String(Int(scaled) % Int(power))
    return "\(sign)\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }

  /// A share as a percentage with one digit after the point and without the percent sign: 0.8123 gives `81.2`.
  package static func percent(_ share: Double) -> String { fixed(share * 100, digits: 1) }

  /// A number with three significant digits: `0.0312`, `1.25e-09`, `1000`.
  package static func significant(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return fixed(value, digits: 0) }
    var exponent = 0
    var mantissa = abs(value)
    while mantissa >= 10 {
      mantissa /= 10
      exponent += 1
    }
    while mantissa < 1 {
      mantissa *= 10
      exponent -= 1
    }
    if (mantissa * 100).rounded() >= 1000 { (mantissa, exponent) = (1, exponent + 1) }
    let sign = value < 0 ? "-" : ""
    switch exponent {
    case 3..<15: return fixed(value, digits: 0)
    case -4..<3: return trimmed(fixed(value, digits: 2 - exponent))
    default:
      return "\(sign)\(trimmed(fixed(mantissa, digits: 2)))e\(exponent < 0 ? "-" : "+")"
        + (abs(exponent) < 10 ? "0" : "") + "\(abs(exponent))"
    }
  }

  /// A number with three significant digits; a dash for nil.
  package static func significant(_ value: Double?) -> String { value.map(significant) ?? "—" }

  /// An integer with thousands separators: `1,234,567`.
  package static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }

  /// An amount of memory or disk space in decimal units: `512 bytes`, `9.2 MB`, `1.4 GB`.
  package static func bytes(_ count: Int) -> String {
    if count < 1000 { return "\(count) bytes" }
    var value = Double(count) / 1000
    var units = ["kB", "MB", "GB", "TB", "PB"][...]
    while value >= 999.95, units.count > 1 {
      value /= 1000
      units.removeFirst()
    }
    return "\(fixed(value, digits: 1)) \(units[units.startIndex])"
  }

  /// An estimated time, such as `40 s`, `15 min` or `3 h`. The number is rounded to two digits if its first digit is 1,
  /// and otherwise to one digit, because the estimate is not more exact.
  package static func roughly(seconds: Double) -> String {
    let seconds = min(seconds, 1e15)
    let (value, unit): (Double, String) =
      switch seconds {
      case ..<90: (seconds, "s")
      case ..<5400: (seconds / 60, "min")
      default: (seconds / 3600, "h")
      }
    var power = 1.0
    while value >= 10 * power { power *= 10 }
    // A number that begins with 1 has a larger relative rounding error than a number that begins with 9.
    if value < 2 * power, power > 1 { power /= 10 }
    let rounded = max(1, (value / power).rounded() * power)
    guard rounded < 1e6 else { return "more than a million h" }
    return "\(grouped(Int(rounded))) \(unit)"
  }

  /// The text without the zeros at the end of a fraction.
  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
