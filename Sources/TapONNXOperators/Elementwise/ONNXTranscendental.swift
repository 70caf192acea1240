// Exponential, logarithm and related functions in double precision. The functions use only additions, multiplications
// and divisions, so every machine gives the same bits, which a C library does not guarantee. The caller rounds each
// result once to float32. The relative errors are below 1e-13, so about one float32 of 10^5 is off by one unit in the
// last place. Fused multiply-adds are avoided, because each of them is a slow function call if the compiler may not use
// the processor's instruction. The functions of TapKernels are not used, since they are accurate only to float32.
// ONNX's own tests check operators also for extreme operands.

/// Functions of one or two doubles.
package enum ONNXTranscendental {
  // ln 2 as the sum of two parts. The first part has 32 trailing zeros, so that its product with an exponent is exact.
  private static let ln2High = 0x1.62e42fee00000p-1
  private static let ln2Low = 0x1.a39ef35793c76p-33

  /// e^x. The result is infinity above 709.8, 0 below -745.2, and NaN for NaN.
  ///
  /// With x = k ln 2 + r and |r| <= ln 2 / 2, e^x is 2^k e^r. Taylor's series up to r^13 gives e^r.
  package static func exp(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x > 709.79 { return .infinity }
    if x < -745.14 { return 0 }
    let k = (x * 0x1.71547652b82fep0).rounded(.toNearestOrEven)
    let r = (x - k * ln2High) - k * ln2Low
    var sum = 1.0 / 6_227_020_800
    sum = sum * r + 1.0 / 479_001_600
    sum = sum * r + 1.0 / 39_916_800
    sum = sum * r + 1.0 / 3_628_800
    sum = sum * r + 1.0 / 362_880
    sum = sum * r + 1.0 / 40_320
    sum = sum * r + 1.0 / 5_040
    sum = sum * r + 1.0 / 720
    sum = sum * r + 1.0 / 120
    sum = sum * r + 1.0 / 24
    sum = sum * r + 1.0 / 6
    sum = sum * r + 0.5
    sum = sum * r + 1
    sum = sum * r + 1
    let exponent = Int(k)
    if exponent >= -1022 && exponent <= 1023 {
      return sum * Double(bitPattern: UInt64(exponent + 1023) << 52)
    }
    // The result may be subnormal or near the largest double. So the sum is multiplied by two powers of two, each with
    // about half the exponent.
    let half = exponent / 2
    return sum * Double(bitPattern: UInt64(half + 1023) << 52)
      * Double(bitPattern: UInt64(exponent - half + 1023) << 52)
  }

  /// e^x - 1, accurate also for small x.
  package static func expMinusOne(_ x: Double) -> Double {
    guard x.magnitude < 0.1 else { return exp(x) - 1 }
    var term = x
    var sum = x
    for n in 2..<12 {
      term *= x / Double(n)
      sum += term
    }
    return sum
  }

  /// The natural logarithm: -infinity at 0, NaN below 0.
  ///
  /// x is m 2^e with m between sqrt(1/2) and sqrt(2). With s = (m - 1) / (m + 1), ln m is 2 artanh s.
  package static func log(_ x: Double) -> Double {
    if x.isNaN || x == .infinity { return x }
    if x == 0 { return -.infinity }
    if x < 0 { return .nan }
    var m = x.significand
    var e = Double(x.exponent)
    if m > 0x1.6a09e667f3bcdp0 {
      m /= 2
      e += 1
    }
    return (e * ln2High + twiceArtanh((m - 1) / (m + 1))) + e * ln2Low
  }

  /// ln(1 + x), accurate also for small x >= 0.
  package static func logOnePlus(_ x: Double) -> Double {
    x < 0.4 ? twiceArtanh(x / (2 + x)) : log(1 + x)
  }

  /// 2 artanh s for |s| < 0.18, computed as the series 2 (s + s^3 / 3 + s^5 / 5 + …).
  private static func twiceArtanh(_ s: Double) -> Double {
    let square = s * s
    var sum = 0.0
    for n in stride(from: 21.0, through: 3, by: -2) { sum = (sum + 1 / n) * square }
    return 2 * s + 2 * s * sum
  }

  /// 1 / (1 + e^-x).
  package static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// ln(1 + e^x), without overflow.
  package static func softplus(_ x: Double) -> Double { max(x, 0) + logOnePlus(exp(-x.magnitude)) }

  /// tanh x, computed as 1 - 2 / (e^2x + 1). This subtraction loses digits near 0, so a series is used there.
  package static func tanh(_ x: Double) -> Double {
    if x.magnitude < 1e-2 {
      let square = x * x
      return x * (1 - square / 3 + square * square * 2 / 15 - square * square * square * 17 / 315)
    }
    return 1 - 2 / (exp(2 * x) + 1)
  }

  /// The error function 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x.
  ///
  /// The series is Abramowitz and Stegun 7.1.6: e^(-x^2) Σ 2^n x^(2n+1) / (2n+1)!!, whose terms all have the same sign.
  package static func erf(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x.magnitude > 6 { return x < 0 ? -1 : 1 }
    var term = x
    var sum = x
    var n = 1.0
    while term.magnitude > 1e-17 * sum.magnitude {
      term *= 2 * x * x / (2 * n + 1)
      sum += term
      n += 1
    }
    return 2 / Double.pi.squareRoot() * exp(-x * x) * sum
  }

  /// x^y as in IEEE 754. For a negative x and a y that is not whole, the result is NaN. For y = 0 the result is 1.
  package static func pow(_ x: Double, _ y: Double) -> Double {
    if y == 0 || x == 1 { return 1 }
    if x.isNaN || y.isNaN { return .nan }
    if y == 1 { return x }
    if y == 2 { return x * x }
    if y == 0.5 && x >= 0 && x.isFinite { return x.squareRoot() }
    let isWhole = y.rounded() == y
    let isOdd = isWhole && (y / 2).rounded() != y / 2
    if x == 0 || x.isInfinite {
      let magnitude: Double = (x == 0) == (y > 0) ? 0 : .infinity
      return isOdd && x.sign == .minus ? -magnitude : magnitude
    }
    if y.isInfinite {
      if x.magnitude == 1 { return 1 }
      return (x.magnitude > 1) == (y > 0) ? .infinity : 0
    }
    if x < 0 && !isWhole { return .nan }
    let magnitude = exp(y * log(x.magnitude))
    return isOdd && x < 0 ? -magnitude : magnitude
  }

  /// Sine and cosine of x. Multiples of pi/2, in three parts, are subtracted from x. This is exact for |x| < 10^6.
  /// Above 10^6, the result loses more digits for larger |x|. For |x| > 2^52 the sine is 0 and the cosine is 1.
  package static func sineAndCosine(_ x: Double) -> (sine: Double, cosine: Double) {
    guard x.isFinite else { return (.nan, .nan) }
    guard x.magnitude < 0x1p52 else { return (0, 1) }
    let k = (x * (2 / Double.pi)).rounded(.toNearestOrEven)
    // The parts of pi/2 with 33 bits each, as in fdlibm.
    let r = ((x - k * 0x1.921fb54400000p0) - k * 0x1.0b4611a600000p-34) - k * 0x1.3198a2e037073p-69
    let square = r * r
    var sine = 0.0
    for n in stride(from: 19.0, through: 3, by: -2) { sine = (1 + sine) * -square / (n * (n - 1)) }
    sine = r + r * sine
    var cosine = 0.0
    for n in stride(from: 20.0, through: 2, by: -2) { cosine = (1 + cosine) * -square / (n * (n - 1)) }
    cosine += 1
    switch Int(k) & 3 {
    case 0: return (sine, cosine)
    case 1: return (cosine, -sine)
    case 2: return (-sine, -cosine)
    default: return (-cosine, sine)
    }
  }
}
