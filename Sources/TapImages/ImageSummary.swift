// Facts about the pixels of an image, for an audit of many images. Large JPEG files are decoded at a part of their
// size.

import TapProvenance

/// Facts about an image, read faster than the whole image.
package struct ImageSummary: Hashable, Sendable {
  /// The sides of the upright image, in pixels.
  package let width: Int
  package let height: Int
  /// The standard deviation of the samples, the largest of the three colors, in 0...127.5. For a large JPEG, the
  /// samples are means of pixels.
  package let spread: Double
  /// The variance of the Laplacian of the gray values, for an image whose shorter side is reduced to ``analyzedSide``.
  /// It is small for a blurred image.
  package let sharpness: Double
  /// The hash of the upright image.
  package let hash: PerceptualHash

  /// The shorter side at which an image is looked at. A smaller image keeps its size.
  package static let analyzedSide = 256

  /// Reads a JPEG or PNG file.
  ///
  /// - Throws: ``ImageError`` if the file cannot be decoded.
  package init(_ bytes: [UInt8], _ decoding: Decoding = Decoding()) throws(ImageError) {
    self = try ImageFile.open(bytes, decoding) { file throws(ImageError) in
      let eighths =
        file.format == .png
        ? 8 : [1, 2, 4].first { min(file.width, file.height) * $0 / 8 >= Self.analyzedSide } ?? 8
      let image = try file.decode(
        columns: 0..<((file.width * eighths + 7) / 8), rows: 0..<((file.height * eighths + 7) / 8), eighths: eighths)
      let turned = file.orientation.swapsSides
      return ImageSummary(
        width: turned ? file.height : file.width, height: turned ? file.width : file.height,
        image: file.orientation.upright(image))
    }
  }

  private init(width: Int, height: Int, image: RGBImage) {
    self.width = width
    self.height = height
    spread = Self.spread(image)
    let gray = GrayImage(image)
    hash = PerceptualHash(gray)
    let shorter = min(gray.width, gray.height)
    sharpness =
      shorter <= Self.analyzedSide
      ? gray.laplacianVariance
      : gray.averaged(
        width: gray.width * Self.analyzedSide / shorter, height: gray.height * Self.analyzedSide / shorter
      ).laplacianVariance
  }

  private static func spread(_ image: RGBImage) -> Double {
    let count = Double(image.width * image.height)
    return (0..<3).map { color in
      var (sum, squares) = (0, 0)
      for place in stride(from: color, to: image.pixels.count, by: 3) {
        let value = Int(image.pixels[place])
        sum += value
        squares += value * value
      }
      let mean = Double(sum) / count
      return max(0, Double(squares) / count - mean * mean).squareRoot()
    }.max() ?? 0
  }
}
