// A decoded image: the output of decoders and the input of preprocessing.

/// An image of 8-bit sRGB samples.
public struct RGBImage: Hashable, Sendable {
  /// The width in pixels, 1 or more.
  public let width: Int
  /// The height in pixels, 1 or more.
  public let height: Int
  /// The samples of shape `[height, width, 3]`, row-major; red is first.
  public let pixels: [UInt8]

  /// - Precondition: both sides are positive and `pixels` holds `3 * width * height` values.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0, "an image of \(width)x\(height) pixels")
    precondition(
      pixels.count == 3 * width * height,
      "\(width)x\(height) pixels need \(3 * width * height) samples, not \(pixels.count)")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Makes an image of data from outside the program.
  ///
  /// - Throws: ``ImageError/pixelCount(width:height:found:)`` unless both sides are positive and `pixels` holds
  ///   `3 * width * height` values.
  public init(checking pixels: [UInt8], width: Int, height: Int) throws(ImageError) {
    let (count, overflows) = width.multipliedReportingOverflow(by: height)
    guard width > 0, height > 0, !overflows, pixels.count % 3 == 0, pixels.count / 3 == count else {
      throw .pixelCount(width: width, height: height, found: pixels.count)
    }
    self.init(width: width, height: height, pixels: pixels)
  }

  /// The part of the image in `columns` and `rows`.
  func cropped(columns: Range<Int>, rows: Range<Int>) -> RGBImage {
    if columns == 0..<width && rows == 0..<height { return self }
    var part: [UInt8] = []
    part.reserveCapacity(3 * columns.count * rows.count)
    for row in rows {
      let start = 3 * width * row
      part += pixels[(start + 3 * columns.lowerBound)..<(start + 3 * columns.upperBound)]
    }
    return RGBImage(width: columns.count, height: rows.count, pixels: part)
  }
}
