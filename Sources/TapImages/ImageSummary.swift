// The sides of an image and the spread of its pixels, for an audit of many images. JPEG files are decoded at an eighth
// of their size.

import TapProvenance

/// Facts about an image, read faster than the image itself.
package struct ImageSummary: Hashable, Sendable {
  /// The sides of the upright image, in pixels.
  package let width: Int
  package let height: Int
  /// The standard deviation of the samples, the largest of the three colors, in 0...127.5. For a JPEG, the samples are
  /// means of 8 × 8 pixels.
  package let spread: Double

  /// Reads a JPEG or PNG file.
  ///
  /// - Throws: ``ImageError`` if the file cannot be decoded.
  package init(_ bytes: [UInt8], _ decoding: Decoding = Decoding()) throws(ImageError) {
    self = try ImageFile.open(bytes, decoding) { file throws(ImageError) in
      let image = try file.decode(
        columns: 0..<(file.format == .jpeg ? (file.width + 7) / 8 : file.width),
        rows: 0..<(file.format == .jpeg ? (file.height + 7) / 8 : file.height), eighths: 1)
      let turned = file.orientation.swapsSides
      return ImageSummary(
        width: turned ? file.height : file.width, height: turned ? file.width : file.height,
        spread: Self.spread(image))
    }
  }

  private init(width: Int, height: Int, spread: Double) {
    self.width = width
    self.height = height
    self.spread = spread
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
