// Finds the format of a file by its first bytes. The name of the file is never used.

/// An image format that can be decoded.
public enum ImageFormat: String, Sendable, CustomStringConvertible {
  /// Baseline and progressive JPEG.
  case jpeg = "JPEG"
  /// PNG of every color type and depth.
  case png = "PNG"

  public var description: String { rawValue }

  /// Recognizes JPEG (ITU-T T.81) and PNG (ISO/IEC 15948) by their signatures.
  ///
  /// Throws `empty` for no bytes, `unsupportedFormat` for other image formats, and `notAnImage` for all other bytes.
  package static func detect(_ bytes: [UInt8]) throws(ImageError) -> ImageFormat {
    if bytes.isEmpty { throw .empty }
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
    for other in otherImages where other.matches(bytes) { throw .unsupportedFormat(other.name) }
    for other in otherFiles where other.matches(bytes) { throw .notAnImage(looksLike: other.name) }
    throw .notAnImage(looksLike: guess(bytes))
  }
}

/// The bytes that files of a format have at an offset.
private struct Signature {
  let name: String
  let offset: Int
  let bytes: [UInt8]

  init(_ name: String, at offset: Int = 0, _ bytes: [UInt8]) {
    self.name = name
    self.offset = offset
    self.bytes = bytes
  }

  init(_ name: String, at offset: Int = 0, _ text: String) {
    self.init(name, at: offset, Array(text.utf8))
  }

  func matches(_ file: [UInt8]) -> Bool { file.dropFirst(offset).starts(with: bytes) }
}

private let otherImages = [
  Signature("GIF", "GIF8"),
  Signature("WebP", at: 8, "WEBPVP8"),
  Signature("TIFF", [0x49, 0x49, 0x2A, 0x00]),
  Signature("TIFF", [0x4D, 0x4D, 0x00, 0x2A]),
  Signature("AVIF", at: 4, "ftypavi"),
  Signature("HEIC", at: 4, "ftyphe"),
  Signature("HEIC", at: 4, "ftypmif1"),
  Signature("HEIC", at: 4, "ftypmsf1"),
  Signature("JPEG 2000", [0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50, 0x20, 0x20]),
  Signature("JPEG 2000", [0xFF, 0x4F, 0xFF, 0x51]),
  Signature("JPEG XL", [0x00, 0x00, 0x00, 0x0C, 0x4A, 0x58, 0x4C, 0x20]),
  Signature("JPEG XL", [0xFF, 0x0A]),
  Signature("Photoshop", "8BPS"),
  Signature("icon", [0x00, 0x00, 0x01, 0x00]),
  Signature("BMP", "BM"),
]

private let otherFiles = [
  Signature("a PDF document", "%PDF-"),
  Signature("a ZIP archive", [0x50, 0x4B, 0x03, 0x04]),
  Signature("a gzip archive", [0x1F, 0x8B]),
  Signature("an MP4 or QuickTime film", at: 4, "ftyp"),
  Signature("a Git LFS pointer, not the file itself", "version https://git-lfs"),
]

/// A description of bytes that have no known format: the text at their start, or the first bytes in hexadecimal.
private func guess(_ bytes: [UInt8]) -> String {
  let head = bytes.prefix(512)
  // The cut after 512 bytes may be inside a character. Up to three bytes of an incomplete character are ignored.
  let isText = (0...(bytes.count > 512 ? 3 : 0)).contains { cut in
    guard let text = String(validating: head.dropLast(cut), as: UTF8.self) else { return false }
    return text.unicodeScalars.allSatisfy { $0.value >= 0x20 || "\t\n\r".unicodeScalars.contains($0) }
  }
  guard isText else {
    let hex = bytes.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "unknown data beginning \(hex.joined(separator: " "))"
  }
  let line = String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
  return "text beginning \"\(line.prefix(24))\""
}
