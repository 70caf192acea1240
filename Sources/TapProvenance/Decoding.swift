// The conversion of a file to pixels: the settings that change the pixels. TapImages executes the conversion.

/// The processing of an image file before resizing. Identities contain the names of rules.
public struct Decoding: Hashable, Sendable {
  /// The size at which a JPEG is decoded.
  public enum Mode: String, Sendable, CaseIterable {
    /// The JPEG is decoded at full size, as in Pillow.
    case exact = "exact"
    /// If the JPEG is much larger than needed, it is decoded at a half, a quarter or an eighth of its size. The decoder
    /// then uses fewer coefficients. Decoding is several times faster for large photographs, but gives slightly
    /// different pixels.
    case fast = "fast"
  }

  /// How the orientation that a camera wrote is used.
  public enum OrientationRule: String, Sendable, CaseIterable {
    /// The image is turned upright.
    case exif = "exif"
    /// Pixels stay as they are stored, as in torchvision's `ImageFolder`.
    case ignore = "ignore"
  }

  /// How transparency is converted.
  public enum AlphaRule: String, Sendable, CaseIterable {
    /// The image is drawn on white.
    case white = "white"
    /// The image is drawn on black.
    case black = "black"
    /// Transparency is ignored and the stored colors are used, as in Pillow's `convert("RGB")`.
    case drop = "drop"
  }

  /// The size at which a JPEG is decoded.
  public var mode: Mode
  /// How the orientation that a camera wrote is used.
  public var orientation: OrientationRule
  /// How transparency is converted.
  public var alpha: AlphaRule
  /// Whether a truncated file is accepted as an image instead of an error. The missing part of a JPEG is gray, has the
  /// last colors, or is black. The missing samples of a PNG are 0.
  public var allowsTruncated: Bool

  /// Creates the settings. By default, images are decoded exactly, turned upright, drawn on white, and must be
  /// complete.
  public init(
    mode: Mode = .exact, orientation: OrientationRule = .exif, alpha: AlphaRule = .white,
    allowsTruncated: Bool = false
  ) {
    self.mode = mode
    self.orientation = orientation
    self.alpha = alpha
    self.allowsTruncated = allowsTruncated
  }

  /// The settings as text, for reports: `exact, upright, on white`.
  package var text: String {
    let parts = [
      mode.rawValue, orientation == .exif ? "upright" : "as stored",
      alpha == .drop ? "transparency dropped" : "on \(alpha.rawValue)",
      allowsTruncated ? "truncated files taken" : nil,
    ]
    return parts.compactMap(\.self).joined(separator: ", ")
  }
}
