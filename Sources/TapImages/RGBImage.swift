// A decoded picture: what decoders make and preprocessing consumes.

/// A picture of 8-bit sRGB samples.
public struct RGBImage: Sendable, Equatable {
  /// In pixels, at least 1.
  public let width: Int
  /// In pixels, at least 1.
  public let height: Int
  /// `[height, width, 3]`, row-major, red first.
  public let pixels: [UInt8]

  /// - Precondition: both sides are positive and `pixels` holds `3 * width * height` values.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0, "a picture of \(width)x\(height) pixels")
    precondition(
      pixels.count == 3 * width * height,
      "\(width)x\(height) pixels need \(3 * width * height) samples, not \(pixels.count)")
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}
