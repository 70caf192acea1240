import TapReports
import Testing

struct AxisTicksTests {
  @Test(arguments: [
    (0.0...1.0, 5, ["0", "20", "40", "60", "80", "100"]),
    (0.713...0.846, 6, ["70", "75", "80", "85"]),
    (0.7...0.85, 5, ["70", "75", "80", "85"]),
    (0.992...1.0, 5, ["94", "96", "98", "100"]),
  ])
  func sharesHaveRoundTicksThatEncloseThem(range: ClosedRange<Double>, count: Int, expected: [String]) {
    let axis = AxisTicks.linear(enclosing: range, count: count, limits: 0...1, smallestSpan: 0.1, scale: 100)
    #expect(axis.range.lowerBound <= range.lowerBound + 1e-9)
    #expect(axis.range.upperBound >= range.upperBound - 1e-9)
    #expect(axis.range.lowerBound >= 0 && axis.range.upperBound <= 1)
    let steps = zip(axis.ticks, axis.ticks.dropFirst()).map { $1.value - $0.value }
    for step in steps { #expect(abs(step - steps[0]) < 1e-12) }
    #expect(axis.ticks.map(\.text) == expected)
  }

  @Test func stepsAreOneTwoOrFive() {
    let cases = [(0.0...10, 5, 2.0), (0...10, 10, 1), (0...48, 10, 5), (-3...3, 6, 1), (0...1e-4, 5, 2e-5)]
    for (range, count, step) in cases {
      let axis = AxisTicks.linear(enclosing: range, count: count)
      #expect(abs(axis.ticks[1].value - axis.ticks[0].value - step) < step * 1e-9, "\(range)")
    }
    #expect(
      AxisTicks.linear(enclosing: 0...0.25, count: 5).ticks.map(\.text) == [
        "0.00", "0.05", "0.10", "0.15", "0.20", "0.25",
      ])
  }

  @Test func oneValueHasAnAxis() {
    for value in [0.0, 1, 7e9, -2] {
      let axis = AxisTicks.linear(enclosing: value...value, count: 5)
      #expect(axis.range.lowerBound <= value && value <= axis.range.upperBound)
      #expect(axis.range.lowerBound < axis.range.upperBound)
    }
    let one = AxisTicks.linear(enclosing: 1...1, count: 5, limits: 0...1, smallestSpan: 0.1, scale: 100)
    #expect(one.range.upperBound == 1 && one.range.lowerBound < 0.96)
  }

  @Test func decadesArePowersOfTen() {
    let wide = AxisTicks.logarithmic(enclosing: 1e-5...1e4)
    #expect(
      wide.ticks.map(\.text) == ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹", "10²", "10³", "10⁴"])
    let short = AxisTicks.logarithmic(enclosing: 0.01...10)
    #expect(short.ticks.map(\.text) == ["0.01", "0.1", "1", "10"])
    let few = AxisTicks.logarithmic(enclosing: 1...50)
    #expect(few.ticks.map(\.text) == ["1", "2", "5", "10", "20", "50"])
    let one = AxisTicks.logarithmic(enclosing: 1...1)
    #expect(one.ticks.map(\.text) == ["1"] && one.range.contains(1))
  }
}
