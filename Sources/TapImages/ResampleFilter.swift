// The kernels of resizing with antialiasing.

import TapProvenance

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An interpolation kernel, which gives a weight for each distance. The unit of distance is a pixel of the source when
/// enlarging, and a pixel of the target when reducing.
struct ResampleFilter {
  /// The distance from which on the weight is 0.
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

  /// The box: the weight is 1 in (-1/2, 1/2].
  static var box: ResampleFilter { ResampleFilter(support: 0.5) { $0 > -0.5 && $0 <= 0.5 ? 1 : 0 } }

  /// The triangle `1 - |x|`.
  static var bilinear: ResampleFilter { ResampleFilter(support: 1) { max(0, 1 - abs($0)) } }

  /// The Hamming window `sinc(x) (0.54 + 0.46 cos(pi x))`, with one lobe.
  static var hamming: ResampleFilter {
    ResampleFilter(support: 1) { distance in
      let x = abs(distance)
      if x == 0 { return 1 }
      if x >= 1 { return 0 }
      // Pillow's source has 0.54 and 0.46 as 32-bit floats.
      return sin(x * .pi) / (x * .pi) * (Double(0.54 as Float) + Double(0.46 as Float) * cos(x * .pi))
    }
  }

  /// The cubic convolution kernel with a = -1/2 (Keys, 1981). It reproduces quadratic functions exactly.
  static var bicubic: ResampleFilter {
    ResampleFilter(support: 2) { distance in
      let a = -0.5
      let x = abs(distance)
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
      return 0
    }
  }

  /// The Lanczos kernel `sinc(x) sinc(x / 3)`, with three lobes (Duchon, 1979).
  static var lanczos: ResampleFilter {
    ResampleFilter(support: 3) { x in
      -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0
    }
  }

  private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }
}
