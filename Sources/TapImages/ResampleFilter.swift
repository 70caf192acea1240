// The kernels of antialiased resizing.

/// An interpolation kernel: a weight for each distance, in source pixels when enlarging and in target
/// pixels when reducing.
struct ResampleFilter {
  /// The weight is 0 from this distance on.
  let support: Double
  let weight: (Double) -> Double

  /// The triangle `1 - |x|`.
  static var bilinear: ResampleFilter { ResampleFilter(support: 1) { max(0, 1 - abs($0)) } }

  /// The cubic convolution kernel with a = -1/2 (Keys, 1981), which reproduces quadratics.
  static var bicubic: ResampleFilter {
    ResampleFilter(support: 2) { distance in
      let a = -0.5
      let x = abs(distance)
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
      return 0
    }
  }
}
