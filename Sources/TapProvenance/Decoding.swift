// The conversion of a file to pixels: the choices that change them. TapImages executes it.

/// The processing of an image file before resizing. The names of rules are part of identities.
public struct Decoding: Hashable, Sendable {
  /// The size at which a JPEG is decoded.
  public enum Mode: String, Sendable, CaseIterable {
    /// At full size, as Pillow decodes it.
    case exact = "exact"
    /// At a half, a quarter or an eighth if it is much larger than needed, computed from fewer coefficients: several
    /// times faster for large photographs, but with slightly different pixels.
    case fast = "fast"
  }

  /// The use of the orientation that a camera wrote.
  public enum OrientationRule: String, Sendable, CaseIterable {
    /// The image is turned upright.
    case exif = "exif"
    /// Pixels stay as they are stored, as in torchvision's `ImageFolder`.
    case ignore = "ignore"
  }

  /// The treatment of transparency.
  public enum AlphaRule: String, Sendable, CaseIterable {
    /// The image is drawn on white.
    case white = "white"
    /// The image is drawn on black.
    case black = "black"
    /// The stored colors are used, at any transparency, as in Pillow's `convert("RGB")`.
    case drop = "drop"
  }

  /// The size at which a JPEG is decoded.
  public var mode: Mode
  /// The use of the orientation that a camera wrote.
  public var orientation: OrientationRule
  /// The treatment of transparency.
  public var alpha: AlphaRule
  /// Whether a truncated file is an image with its missing part gray (JPEG) or black (PNG), instead of an error.
  public var allowsTruncated: Bool

  /// By default exact, upright, on white, and complete.
  public init(
    mode: Mode = .exact, orientation: OrientationRule = .exif, alpha: AlphaRule = .white,
    allowsTruncated: Bool = false
  ) {
    self.mode = mode
    self.orientation = orientation
    self.alpha = alpha
    self.allowsTruncated = allowsTruncated
  }

  /// As text, for reports: `exact, upright, on white`.
  package var text: String {
    let parts = [
      mode.rawValue, orientation == .exif ? "upright" : "as stored",
      alpha == .drop ? "transparency dropped" : "on \(alpha.rawValue)",
      allowsTruncated ? "truncated files taken" : nil,
    ]
    return parts.compactMap(\.self).joined(separator: ", ")
  }
}
