// The part of an identity that stands for the libraries that decode images. Libraries that give the same pixels have
// the same text. The pixels of twelve small images decide (Documentation/Decisions/0015-pixels-name-the-decoder.md).

import TapFormats
import TapProvenance

/// The text for the libraries of this process.
package enum DecoderIdentity {
  /// A part of an image: all of the image decoded at `eighths` / 8 of its size, or some columns and rows at full size.
  package struct Part: Sendable {
    var columns: Range<Int>?
    var rows: Range<Int>?
    var eighths = 8
  }

  /// An image file, and the parts that are decoded.
  package struct Probe: Sendable {
    package let name: String
    package let parts: [Part]
    let base64: String

    init(_ name: String, parts: [Part], base64: String) {
      self.name = name
      self.parts = parts
      self.base64 = base64
    }

    /// The pixels of each part; nil for a part that the library refuses.
    package func decoded() -> [RGBImage?] {
      guard let bytes = Base64.bytes(base64) else { preconditionFailure("the probe '\(name)' is not Base64") }
      return parts.map { part in
        try? ImageFile.open(bytes, Decoding(alpha: .drop)) { file throws(ImageError) in
          if let columns = part.columns, let rows = part.rows {
            return try file.decode(columns: columns, rows: rows, eighths: part.eighths)
          }
          let (width, height) = ((file.width * part.eighths + 7) / 8, (file.height * part.eighths + 7) / 8)
          return try file.decode(columns: 0..<width, rows: 0..<height, eighths: part.eighths)
        }
      }
    }
  }

  /// The texts that identities have for known pixels, by the SHA-256 of the pixels.
  ///
  /// The libraries from libjpeg-turbo 2.1.1 to 3.0.0 give these pixels. From 3.0.1 on, libjpeg-turbo smooths
  /// progressive files without all of their scans in another way.
  package static let known = ["e4ffa11b343b0780ba417c9a5d7350c7cb149c1efe0ccecd2cd8423e17b287f9": "libjpeg-turbo 2.1.5"]

  /// The text for a library.
  ///
  /// - Parameters:
  ///   - pixels: the result of ``pixels()``.
  ///   - version: the name and version of the JPEG library by its header, which can be of another version than the
  ///     library that the process has loaded.
  /// - Returns: the known text of these pixels. Otherwise the version, with the first digits of the hash if this
  ///   version is the known text of other pixels.
  package static func text(pixels: String, version: String) -> String {
    if let text = known[pixels] { return text }
    return known.values.contains(version) ? "\(version), pixels \(pixels.prefix(12))" : version
  }

  /// The SHA-256 of the decoded parts of all probes: for each part its width and height as four bytes each,
  /// little-endian, and its RGB bytes. A part that the library refuses counts as an image without pixels.
  package static func pixels() -> String {
    var hash = SHA256()
    for image in probes.flatMap({ $0.decoded() }) {
      for side in [image?.width ?? 0, image?.height ?? 0] {
        hash.update((0..<4).map { UInt8(truncatingIfNeeded: side >> (8 * $0)) })
      }
      hash.update(image?.pixels ?? [])
    }
    return hash.finalize().hex
  }
}
