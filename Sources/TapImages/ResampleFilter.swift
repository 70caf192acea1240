// The kernels of antialiased resizing.

import TapProvenance

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An interpolation kernel: a weight for each distance, in source pixels when enlarging and in target
/// pixels when reducing.
struct ResampleFilter {
  /// The weight is 0 from this distance on.
  let support: Double
  let weight: (Double) -> Double

  init(_ interpolation: Preprocessing.Interpolation) {
    switch interpolation {
    case .box: self = .box
    case .bilinear: self = .bilinear
    case .hamming: self = .hamming
    case .bicubic: self = .bicubic
    case .lanczos: self = .lanczos
    }
  }

  private init(support: Double, weight: @escaping (Double) -> Double) {
    self.support = support
    self.weight = weight
  }

  /// 1 in (-1/2, 1/2].
  static var box: ResampleFilter { ResampleFilter(support: 0.5) { $0 > -0.5 && $0 <= 0.5 ? 1 : 0 } }

  /// The triangle `1 - |x|`.
  static var bilinear: ResampleFilter { ResampleFilter(support: 1) { max(0, 1 - abs($0)) } }

  /// `sinc(x) (0.54 + 0.46 cos(pi x))`, one lobe.
  static var hamming: ResampleFilter {
    ResampleFilter(support: 1) { distance in
      let x = abs(distance)
      if x == 0 { return 1 }
      if x >= 1 { return 0 }
      // Pillow writes these two as floats.
      return sin(x * .pi) / (x * .pi) * (Double(0.54 as Float) + Double(0.46 as Float) * cos(x * .pi))
    }
  }

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

  /// `sinc(x) sinc(x / 3)`, three lobes (Duchon, 1979).
  static var lanczos: ResampleFilter {
    ResampleFilter(support: 3) { x in
      -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0
    }
  }

  private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }
}
