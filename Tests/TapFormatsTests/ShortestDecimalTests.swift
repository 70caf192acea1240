// The rule for numbers in hashed text is tested with examples, and compared with Swift's own text for other numbers.

import TapFormats
import TestSupport
import Testing

@Suite struct ShortestDecimalTests {
  @Test(
    arguments: [
      (0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (-1, "-1.0"), (6, "6.0"), (0.1, "0.1"), (12.5, "12.5"),
      (100, "100.0"), (-1024.5, "-1024.5"), (0.001, "0.001"), (0.0001, "0.0001"), (0.00012345, "0.00012345"),
      (0.00009999, "9.999e-05"), (1e-5, "1e-05"), (-1.5e-6, "-1.5e-06"), (1e-10, "1e-10"), (1e-100, "1e-100"),
      (1.0 / 3, "0.3333333333333333"), (9_007_199_254_740_992, "9007199254740992.0"),
      (9_007_199_254_740_994, "9.007199254740994e+15"), (1e16, "1e+16"), (-1.25e22, "-1.25e+22"),
      (1e100, "1e+100"), (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
      (.leastNonzeroMagnitude, "5e-324"),
      (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"), (-.nan, "-nan"), (.signalingNaN, "snan"),
    ] as [(Double, String)])
  func doubles(value: Double, text: String) {
    #expect(ShortestDecimal.text(value) == text)
  }

  @Test(
    arguments: [
      (0, "0.0"), (-0.0, "-0.0"), (0.1, "0.1"), (6, "6.0"), (1e-5, "1e-05"), (1e-7, "1e-07"),
      (0.0001, "0.0001"),
      (1 / 3, "0.33333334"), (10_000_000, "10000000.0"), (16_777_216, "16777216.0"),
      (16_777_218, "1.6777218e+07"), (1e16, "1e+16"), (.greatestFiniteMagnitude, "3.4028235e+38"),
      (.leastNonzeroMagnitude, "1e-45"), (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"),
      (Float(bitPattern: 0x7FC0_0005), "nan(0x5)"), (Float(bitPattern: 0xFF80_0001), "-snan(0x1)"),
    ] as [(Float, String)])
  func floats(value: Float, text: String) {
    #expect(ShortestDecimal.text(value) == text)
  }

  /// Earlier versions hashed the text that Swift 6.3 printed, so the rule must give this text for every number in use.
  /// If a later Swift prints another text, this test fails. The rule then stays, and the comparison must be removed.
  @Test func theRuleIsWhatSwiftPrints() {
    var numbers = SplitMix64(seed: 1)
    func random() -> UInt64 { numbers.next() }
    var (wrong, first) = (0, "")
    func check(_ value: Double) {
      // Earlier versions hashed interpolated numbers. Interpolation distinguishes kinds of NaN, but 'description' does
      // not.
      let (found, printed) = (ShortestDecimal.text(value), "\(value)")
      guard found != printed else { return }
      wrong += 1
      if first.isEmpty { first = "\(found) where Swift prints \(printed)" }
    }
    func check(_ value: Float) {
      let (found, printed) = (ShortestDecimal.text(value), "\(value)")
      guard found != printed else { return }
      wrong += 1
      if first.isEmpty { first = "\(found) where Swift prints \(printed)" }
    }
    for _ in 0..<100_000 {
      check(Double(bitPattern: random()))
      check(Float(bitPattern: UInt32(truncatingIfNeeded: random())))
      // These numbers have few digits, and sizes near the limits between the notations.
      let short =
        Double(random() % 1000) * [1e-8, 1e-7, 1e-6, 1e-5, 1e-3, 0.1, 1, 1e13, 1e15][Int(random() % 9)]
      check(short)
      check(-Float(short))
      check(Double(random() % (1 << 55)))
      check(Float(random() % (1 << 26)))
      // Any mantissa with all bits of the exponent set: infinities and NaNs.
      check(Double(bitPattern: random() | 0x7FF0_0000_0000_0000))
      check(Float(bitPattern: UInt32(truncatingIfNeeded: random()) | 0x7F80_0000))
    }
    for exponent in -1074...1023 {
      let power = Double(sign: .plus, exponent: exponent, significand: 1)
      for value in [power, power.nextUp, power.nextDown, -power] {
        check(value)
        check(Float(value))
      }
    }
    #expect(wrong == 0, "\(first)")
  }
}
