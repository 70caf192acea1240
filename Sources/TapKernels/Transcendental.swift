// Exponential and error function from additions and multiplications alone. The bits are the same on every machine; no C
// library promises this. The functions are accurate to float32, not to double. TapONNXOperators has functions that are
// a thousand times as accurate, handle infinities, and are several times as slow. Here the speed matters, because an
// activation calls the function for each pixel. The bits are part of the numerics revision.

package enum Transcendental {
  /// e to the power x, with a relative error of at most 2e-10. If |x| is greater than 100, x is replaced by ±100.
  ///
  /// `x = n log 2 + r` with |r| of at most `log 2 / 2`; the exponential of r is its Taylor polynomial of degree 8.
  @inline(__always) package static func exponential(_ x: Double) -> Double {
    let low = -100 > x ? -100 : x
    let bounded = 100 < low ? 100 : low
    // Adding 1.5 x 2^52 rounds to an integer, which is then in the lowest bits.
    let shifted = bounded * 1.4426950408889634 + 6_755_399_441_055_744
    let n = shifted - 6_755_399_441_055_744
    let r = bounded - n * 0.6931471803691238 - n * 1.9082149292705877e-10
    var p = 1.0 / 40320
    p = p * r + 1.0 / 5040
    p = p * r + 1.0 / 720
    p = p * r + 1.0 / 120
    p = p * r + 1.0 / 24
    p = p * r + 1.0 / 6
    p = p * r + 0.5
    p = p * r + 1
    p = p * r + 1
    return p * Double(bitPattern: (shifted.bitPattern &+ 1023) << 52)
  }

  /// The error function, with an absolute error of at most 2e-8. Beyond ±4 the result is ±1, and the error is smaller.
  ///
  /// The function is `x p(x² / 8 - 1)`. The polynomial p interpolates at 21 Chebyshev nodes.
  @inline(__always) package static func errorFunction(_ x: Double) -> Double {
    let low = -4 > x ? -4 : x
    let bounded = 4 < low ? 4 : low
    let s = bounded * bounded * 0.125 - 1
    var p = 0.0
    for index in errorFunctionCoefficients.indices { p = p * s + errorFunctionCoefficients[index] }
    return bounded * p
  }

  /// The coefficients of p, the highest power first.
  private static let errorFunctionCoefficients: [21 of Double] = [
    1.2873585826134119e-05, -3.668349630367569e-05, 3.298166514361336e-05, -7.24620314889167e-05,
    0.00029513373401520896, -0.0006727965874649553, 0.0012770781536441313, -0.0025306731595722844,
    0.004861253793852784, -0.008629832321591356, 0.014347218437205343, -0.02246626395799292,
    0.03306107327080911, -0.045766463410655295, 0.05988686028227138, -0.07472772838182547,
    0.09020899618649306, -0.10771044890915892, 0.13167511686643962, -0.1765762332142437,
    0.3535309956434043,
  ]
}
