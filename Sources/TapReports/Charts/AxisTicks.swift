// The positions and labels of an axis's ticks, which are round numbers only.

import Glibc
import TapText

/// The ticks of a numeric axis, in increasing order, and the range that the axis covers.
package struct AxisTicks: Equatable {
  package struct Tick: Equatable {
    package let value: Double
    package let text: String
  }

  package let ticks: [Tick]
  package let range: ClosedRange<Double>

  /// About `count` ticks that enclose `values`: multiples of 1, 2 or 5 times a power of ten.
  ///
  /// - Parameters:
  ///   - values: finite values, at least one.
  ///   - limits: the limits of the axis, even if a tick would lie outside.
  ///   - smallestSpan: the smallest range that the axis covers, so that noise does not look large.
  ///   - scale: the factor between a value and the number in the tick's text: 100 for percent.
  package static func linear(
    enclosing values: ClosedRange<Double>, count: Int, limits: ClosedRange<Double>? = nil,
    smallestSpan: Double = 0, scale: Double = 1
  ) -> AxisTicks {
    var (low, high) = (values.lowerBound, values.upperBound)
    let least = max(smallestSpan, max(abs(low), abs(high)) * 1e-9, 1e-300)
    if high - low < least {
      let middle = (low + high) / 2
      (low, high) = (middle - least / 2, middle + least / 2)
    }
    let step = roundStep(atLeast: (high - low) / Double(max(count, 1)))
    // A value may lie beyond a tick by a rounding error. Such a value needs no further tick.
    let slack = step * 1e-6
    var first = ((low + slack) / step).rounded(.down)
    var last = ((high - slack) / step).rounded(.up)
    if let limits {
      first = max(first, (limits.lowerBound / step).rounded(.up))
      last = min(last, (limits.upperBound / step).rounded(.down))
    }
    if last <= first { last = first + 1 }
    let digits = min(9, max(0, Int((-log10(step * scale) - 1e-9).rounded(.up))))
    let steps = Int(last - first)
    let ticks = (0...steps).map { index in
      let value = (first + Double(index)) * step
      let shown = value * scale
      let text = abs(shown) < 1e12 ? NumberText.fixed(shown, digits: digits) : NumberText.significant(shown)
      return Tick(value: value, text: text)
    }
    return AxisTicks(ticks: ticks, range: (first * step)...(last * step))
  }

  /// The powers of ten within `values`. If these are fewer than three, 2 and 5 times the powers of ten are also ticks.
  ///
  /// - Parameter values: values above 0. The range of the axis is a little wider.
  package static func logarithmic(enclosing values: ClosedRange<Double>) -> AxisTicks {
    let (low, high) = (log10(values.lowerBound), log10(values.upperBound))
    let margin = max(0.03 * (high - low), high - low < 0.1 ? 0.15 : 0)
    let range = (low - margin)...(high + margin)
    let exponents = Int(range.lowerBound.rounded(.down))...Int(range.upperBound.rounded(.up))
    let powers = exponents.filter { range.contains(Double($0)) }
    let usesPowers = powers.count >= 3
    let large = powers.contains { $0 < -3 || $0 > 5 }
    var ticks: [Tick] = []
    for exponent in exponents {
      for factor in usesPowers ? [1] : [1, 2, 5] {
        let value = Double(factor) * pow(10, Double(exponent))
        guard range.contains(log10(value)) else { continue }
        let text = usesPowers && large ? "10" + superscript(exponent) : NumberText.significant(value)
        ticks.append(Tick(value: value, text: text))
      }
    }
    return AxisTicks(ticks: ticks, range: pow(10, range.lowerBound)...pow(10, range.upperBound))
  }

  /// The smallest number that is at least `value` and is 1, 2 or 5 times a power of ten.
  static func roundStep(atLeast value: Double) -> Double {
    let power = pow(10, log10(value).rounded(.down))
    for factor in [1.0, 2, 5] where factor * power >= value * (1 - 1e-9) { return factor * power }
    return 10 * power
  }

  private static func superscript(_ number: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return (number < 0 ? "⁻" : "")
      + String(String(number.magnitude).compactMap(\.wholeNumberValue).map { digits[$0] })
  }
}
