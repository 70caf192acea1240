import TapText
import Testing

@Suite struct NumberTextTests {
  @Test(arguments: [
    (0.05, 3, "0.050"), (1.005, 0, "1"), (-0.25, 1, "-0.3"), (-0.001, 2, "0.00"), (99.95, 1, "100.0"),
    (1234.5, 1, "1234.5"), (.infinity, 1, "inf"), (.nan, 1, "nan"),
  ])
  func fixedDigits(value: Double, digits: Int, text: String) {
    #expect(NumberText.fixed(value, digits: digits) == text)
  }

  @Test(arguments: [
    (0.0, "0"), (1.0, "1"), (1000.0, "1000"), (0.03125, "0.0313"), (0.001, "0.001"), (31.622_776, "31.6"),
    (1.25e-9, "1.25e-09"), (9.999e-9, "1e-08"), (0.000_1, "0.0001"), (-0.5, "-0.5"), (2e20, "2e+20"),
    (999.6, "1000"),
  ])
  func threeSignificantDigits(value: Double, text: String) {
    #expect(NumberText.significant(value) == text)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
  func thousandsAreApart(value: Int, text: String) {
    #expect(NumberText.grouped(value) == text)
  }

  @Test func percentHasOneDigit() {
    #expect(NumberText.percent(0.8125) == "81.3")
  }

  @Test(arguments: [
    (0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"),
    (9_201_000, "9.2 MB"), (1_400_000_000, "1.4 GB"), (Int.max, "9223.4 PB"),
  ])
  func amountsOfBytes(count: Int, text: String) { #expect(NumberText.bytes(count) == text) }

  @Test(arguments: [
    (0.0, "1 s"), (3.2, "3 s"), (12.4, "12 s"), (26, "30 s"), (44, "40 s"), (88, "90 s"), (95, "2 min"),
    (640, "11 min"), (3000, "50 min"), (4800, "80 min"), (6000, "2 h"), (65_000, "18 h"),
    (1e9, "300,000 h"), (1e12, "more than a million h"), (.infinity, "more than a million h"),
  ])
  func estimatedTimesAreRough(seconds: Double, text: String) {
    #expect(NumberText.roughly(seconds: seconds) == text)
  }
}
