// A hash that is nearly equal for images that look nearly equal.

import Glibc

/// 64 bits that describe the coarse structure of an image: the signs of its lowest frequencies.
///
/// The image is reduced to 32 × 32 gray values, whatever its shape is. The bits are the signs of the 64 lowest
/// frequencies of the cosine transform, without the mean:
/// ```
/// F(u, v) = Σ I(x, y) cos(π u (2y + 1) / 64) cos(π v (2x + 1) / 64)        u vertical, v horizontal
/// ```
/// in the order of u + v and then u. Brightness and contrast change no sign. In the mirrored image, F(u, v) has the
/// opposite sign if v is odd.
///
/// Source: the hash from the discrete cosine transform in Zauner, "Implementation and benchmarking of perceptual image
/// hash functions" (2010), with signs in place of comparisons with the median.
package struct PerceptualHash: Hashable, Sendable {
  /// The bits, the lowest frequency first in the lowest bit.
  package let bits: UInt64

  private static let side = 32
  /// The 64 lowest frequencies (u, v) but (0, 0).
  private static let frequencies: [(u: Int, v: Int)] = {
    var all: [(u: Int, v: Int)] = []
    for sum in 1...10 {
      for u in 0...sum { all.append((u, sum - u)) }
    }
    return Array(all.prefix(64))
  }()
  /// The bits of the frequencies with an odd v.
  private static let odd: UInt64 = {
    var bits: UInt64 = 0
    for (place, frequency) in frequencies.enumerated() where frequency.v % 2 == 1 { bits |= bit(place) }
    return bits
  }()
  /// cos(π u (2x + 1) / 64) for the frequency u, `[11, 32]`.
  private static let cosines: [Double] = (0...10).flatMap { u in
    (0..<side).map { x in cos(Double.pi * Double(u * (2 * x + 1)) / Double(2 * side)) }
  }

  private static func bit(_ place: Int) -> UInt64 { 1 << UInt64(place) }

  private init(bits: UInt64) { self.bits = bits }

  init(_ image: GrayImage) {
    let small = image.averaged(width: Self.side, height: Self.side)
    // Sums along rows, `[11, 32]` for v and y.
    var rows = [Double](repeating: 0, count: 11 * Self.side)
    for v in 0...10 {
      for y in 0..<Self.side {
        var sum = 0.0
        for x in 0..<Self.side { sum += Double(small.values[y * Self.side + x]) * Self.cosines[v * Self.side + x] }
        rows[v * Self.side + y] = sum
      }
    }
    var bits: UInt64 = 0
    for (place, frequency) in Self.frequencies.enumerated() {
      var sum = 0.0
      for y in 0..<Self.side {
        sum += rows[frequency.v * Self.side + y] * Self.cosines[frequency.u * Self.side + y]
      }
      if sum > 0 { bits |= Self.bit(place) }
    }
    self.bits = bits
  }

  /// The hash of an image.
  package init(_ image: RGBImage) { self.init(GrayImage(image)) }

  /// The hash of the mirrored image.
  package var mirrored: PerceptualHash { PerceptualHash(bits: bits ^ Self.odd) }

  /// The number of bits in which two hashes differ, in 0...64.
  package func distance(to other: PerceptualHash) -> Int { (bits ^ other.bits).nonzeroBitCount }
}
