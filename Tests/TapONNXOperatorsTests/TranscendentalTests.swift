// Compares LayerTap's functions with those of the C library, which are accurate to about one unit in the last place.

import Glibc
import TapONNXOperators
import TapTensors
import Testing

struct TranscendentalTests {
  private func check(
    _ points: [Double], bar: Double = 1e-13, _ ours: (Double) -> Double, _ theirs: (Double) -> Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for x in points {
      let (a, b) = (ours(x), theirs(x))
      #expect(
        a == b || a.isNaN && b.isNaN || (a - b).magnitude <= bar * b.magnitude, "at \(x): \(a), \(b)",
        sourceLocation: sourceLocation)
    }
  }

  private static let signs = [1.0, -1.0]
  private static let line = (-4000...4000).map { Double($0) * 0.0101 }
  private static let magnitudes = stride(from: -300, through: 300, by: 7).flatMap { exponent in
    signs.map { $0 * Glibc.pow(10.0, Double(exponent)) * 1.2345 }
  }
  private static let special = [
    0, -0.0, 1, -1, .infinity, -.infinity, .nan, 709.7, -745, -740, .leastNonzeroMagnitude,
  ]

  @Test func exponentials() {
    check(Self.line + Self.magnitudes + Self.special, ONNXTranscendental.exp, { Glibc.exp($0) })
    check(Self.line + Self.magnitudes, ONNXTranscendental.expMinusOne, { Glibc.expm1($0) })
    check(Self.line + Self.special, ONNXTranscendental.sigmoid) { 1 / (1 + Glibc.exp(-$0)) }
    check(Self.line, ONNXTranscendental.softplus) { $0 > 30 ? $0 : Glibc.log1p(Glibc.exp($0)) }
    check(Self.line + Self.magnitudes + Self.special, ONNXTranscendental.tanh, { Glibc.tanh($0) })
    check(Self.line + Self.magnitudes + Self.special, ONNXTranscendental.erf, { Glibc.erf($0) })
  }

  @Test func logarithms() {
    check(Self.line + Self.magnitudes + Self.special, ONNXTranscendental.log, { Glibc.log($0) })
    check((1...1000).map { 1 + Double($0) * 1e-5 }, ONNXTranscendental.log, { Glibc.log($0) })
    check(Self.magnitudes.filter { $0 > 0 }, ONNXTranscendental.logOnePlus, { Glibc.log1p($0) })
  }

  @Test func sinesAndCosines() {
    // Near a zero the tolerance is absolute.
    for x in Self.line + Self.line.map({ $0 * 1000 }) + Self.special {
      let (sine, cosine) = ONNXTranscendental.sineAndCosine(x)
      #expect((sine - Glibc.sin(x)).magnitude < 1e-13 || sine.isNaN == Glibc.sin(x).isNaN, "\(x)")
      #expect((cosine - Glibc.cos(x)).magnitude < 1e-13 || cosine.isNaN == Glibc.cos(x).isNaN, "\(x)")
    }
  }

  @Test func powers() {
    for x in [0.0, -0.0, 0.5, -0.5, 1, -1, 2, -3, 10, 1e-10, .infinity, -.infinity, .nan] {
      check([0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 0.75, 7.3, -20, 21, .infinity, -.infinity, .nan], bar: 1e-12) {
        ONNXTranscendental.pow(x, $0)
      } _: {
        Glibc.pow(x, $0)
      }
    }
  }

  @Test func roundsToNarrowFloats() {
    #expect(ElementType.float16.rounded(65_519) == 65_504 && ElementType.float16.rounded(65_520) == .infinity)
    #expect(
      ElementType.float16.rounded(1 + 0x1p-11) == 1
        && ElementType.float16.rounded(1 + 0x1.8p-11) == 1 + 0x1p-10)
    #expect(ElementType.float16.rounded(0x1p-25) == 0 && ElementType.float16.rounded(0x1.8p-25) == 0x1p-24)
    #expect(ElementType.float16.rounded(-.infinity) == -.infinity && ElementType.float16.rounded(.nan).isNaN)
    #expect(
      ElementType.bfloat16.rounded(1 + 0x1p-8) == 1
        && ElementType.bfloat16.rounded(1 + 0x1.8p-8) == 1 + 0x1p-7)
    #expect(ElementType.bfloat16.rounded(.nan).isNaN)
    #expect(ElementType.int8.wrapped(130) == -126 && ElementType.uint8.wrapped(-1) == 255)
  }
}
