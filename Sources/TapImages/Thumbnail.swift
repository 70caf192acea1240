// Makes small images for reports.

/// A reduced image as a JPEG file. The image is upright and keeps its shape.
package struct Thumbnail: Sendable, Hashable {
  package let jpeg: [UInt8]
  /// The width in pixels; `height` is the height in pixels.
  package let width: Int
  package let height: Int
  /// The sides of the original upright image, in pixels.
  package let source: Sides

  /// The sides of an image in pixels.
  package struct Sides: Sendable, Hashable {
    package let width: Int
    package let height: Int
  }

  /// Decodes a file and reduces the image. An image that is already small keeps its pixels.
  ///
  /// - Parameters:
  ///   - bytes: the bytes of a JPEG or PNG file.
  ///   - side: the longest side of the result.
  /// - Throws: ``ImageError`` if the file cannot be decoded.
  package init(_ bytes: [UInt8], longestSide side: Int = 128) throws(ImageError) {
    let whole = try ImageDecoder.decode(bytes)
    let small = Thumbnail.reduced(whole, longestSide: side)
    source = Sides(width: whole.width, height: whole.height)
    jpeg = try JPEGEncoder.encode(small)
    width = small.width
    height = small.height
  }

  /// Reduces an image with the cubic kernel and antialiasing.
  static func reduced(_ image: RGBImage, longestSide side: Int) -> RGBImage {
    let longest = max(image.width, image.height)
    guard longest > side else { return image }
    let width = max(1, (image.width * side + longest / 2) / longest)
    let height = max(1, (image.height * side + longest / 2) / longest)
    let resampler = Resampler(
      columns: ResampleWeights(
        filter: .bicubic, inputCount: image.width, outputCount: width, outputs: 0..<width),
      rows: ResampleWeights(
        filter: .bicubic, inputCount: image.height, outputCount: height, outputs: 0..<height),
      order: Resampler.Order(from: (image.width, image.height), to: (width, height)),
      kernels: ResampleKernels(.best))
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * width * height)
    unsafe resampler.resample(image) { _, row in unsafe pixels.append(contentsOf: row) }
    return RGBImage(width: width, height: height, pixels: pixels)
  }
}
