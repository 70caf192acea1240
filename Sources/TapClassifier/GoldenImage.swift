// The golden image, whose scores a classifier stores. The image is generated, so that every machine has the same pixels
// without a decoder.

import TapImages

/// A 64 x 64 image whose scores a classifier stores. Scores within ``tolerance`` of the stored scores prove that the
/// classifier works correctly on another machine.
package enum GoldenImage {
  /// Gradients and a texture, which are different in every channel and inverted within a disc whose center is not the
  /// center of the image. So swapped channels, a flip, another resize filter and other normalization constants each
  /// change the scores.
  ///
  /// ```
  /// red = 4 x,  green = 255 - 4 y,  blue = x y mod 256;   255 - value where (x - 24)^2 + (y - 36)^2 < 256
  /// ```
  package static let image: RGBImage = {
    let side = 64
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * side * side)
    for y in 0..<side {
      for x in 0..<side {
        let isInside = (x - 24) * (x - 24) + (y - 36) * (y - 36) < 256
        for value in [4 * x, 255 - 4 * y, x * y % 256] {
          pixels.append(UInt8(isInside ? 255 - value : value))
        }
      }
    }
    return RGBImage(width: side, height: side, pixels: pixels)
  }()

  /// The largest allowed difference between a computed and a stored score, divided by the largest absolute stored
  /// score.
  package static let tolerance = 1e-3
}
