// How a file becomes pixels: the choices that change them. TapImages executes it.

/// What happens to an image file before it is resized. The names of rules are part of identities.
public struct Decoding: Hashable, Sendable {
  /// At which size a JPEG is decoded.
  public enum Mode: String, Sendable, CaseIterable {
    /// At full size, as Pillow decodes it.
    case exact = "exact"
    /// Where it is much larger than what is needed, at a half, a quarter or an eighth, computed from fewer
    /// coefficients: several times faster for large photographs, and not quite the same pixels.
    case fast = "fast"
  }

  /// What is done with the orientation that a camera wrote.
  public enum OrientationRule: String, Sendable, CaseIterable {
    /// The picture is turned upright.
    case exif = "exif"
    /// Pixels stay as they are stored, as in torchvision's `ImageFolder`.
    case ignore = "ignore"
  }

  /// What becomes of transparency.
  public enum AlphaRule: String, Sendable, CaseIterable {
    /// The picture is laid on white.
    case white = "white"
    /// The picture is laid on black.
    case black = "black"
    /// The stored colours are taken, however transparent, as Pillow's `convert("RGB")` does.
    case drop = "drop"
  }

  /// At which size a JPEG is decoded.
  public var mode: Mode
  /// What is done with the orientation that a camera wrote.
  public var orientation: OrientationRule
  /// What becomes of transparency.
  public var alpha: AlphaRule
  /// Whether a file that ends early is a picture, its missing part grey (JPEG) or black (PNG), rather than an error.
  public var allowsTruncated: Bool

  /// Exact, upright, on white, and whole, unless said otherwise.
  public init(
    mode: Mode = .exact, orientation: OrientationRule = .exif, alpha: AlphaRule = .white,
    allowsTruncated: Bool = false
  ) {
    self.mode = mode
    self.orientation = orientation
    self.alpha = alpha
    self.allowsTruncated = allowsTruncated
  }

  /// In words, for reports: `exact, upright, on white`.
  package var text: String {
    let parts = [
      mode.rawValue, orientation == .exif ? "upright" : "as stored",
      alpha == .drop ? "transparency dropped" : "on \(alpha.rawValue)",
      allowsTruncated ? "truncated files taken" : nil,
    ]
    return parts.compactMap(\.self).joined(separator: ", ")
  }
}
