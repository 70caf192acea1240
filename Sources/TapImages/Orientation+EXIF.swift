// The orientation written in a file: found in JPEG's APP1 segment or PNG's eXIf chunk, both of which
// hold a TIFF directory (EXIF 2.32, TIFF 6.0). Metadata must not cost a picture: whatever is malformed
// means "upright".

extension Orientation {
  /// The orientation in the first EXIF segment before the picture data of a JPEG file.
  package init(jpeg bytes: [UInt8]) {
    self = Orientation.exifSegment(of: bytes).flatMap(Orientation.init(tiff:)) ?? .upright
  }

  /// The orientation in the eXIf chunk of a PNG file.
  package init(png bytes: [UInt8]) {
    self = Orientation.exifChunk(of: bytes).flatMap(Orientation.init(tiff:)) ?? .upright
  }

  private static let exifMark: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]  // "Exif", 0, 0

  /// Walks the segments FF marker length(2, big-endian, counts itself) up to the start of a scan.
  private static func exifSegment(of bytes: [UInt8]) -> ArraySlice<UInt8>? {
    var at = 2
    while at + 4 <= bytes.count, bytes[at] == 0xFF {
      let marker = bytes[at + 1]
      switch marker {
      case 0xFF:  // fill byte
        at += 1
        continue
      case 0xD0...0xD8, 0x01:  // markers without a length
        at += 2
        continue
      case 0xD9, 0xDA:  // end of the file, start of a scan
        return nil
      default:
        break
      }
      let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
      let end = at + 2 + length
      guard length >= 2, end <= bytes.count else { return nil }
      let payload = bytes[(at + 4)..<end]
      if marker == 0xE1, payload.starts(with: exifMark) { return payload.dropFirst(exifMark.count) }
      at = end
    }
    return nil
  }

  /// Walks the chunks length(4, big-endian) type(4) data crc(4).
  private static func exifChunk(of bytes: [UInt8]) -> ArraySlice<UInt8>? {
    var at = 8
    while at + 12 <= bytes.count {
      let length = bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) }
      let data = at + 8
      guard length <= bytes.count - data - 4 else { return nil }
      if bytes[(at + 4)..<data].elementsEqual("eXIf".utf8) {
        let payload = bytes[data..<(data + length)]
        // Some writers keep JPEG's mark in front.
        return payload.starts(with: exifMark) ? payload.dropFirst(exifMark.count) : payload
      }
      at = data + length + 4
    }
    return nil
  }

  /// Reads tag 0x0112 from a TIFF's first directory; nil if it is absent, malformed or not 1...8.
  private init?(tiff: ArraySlice<UInt8>) {
    let bytes = Array(tiff)
    guard bytes.count >= 8 else { return nil }
    let bigEndian: Bool
    switch (bytes[0], bytes[1]) {
    case (0x49, 0x49): bigEndian = false
    case (0x4D, 0x4D): bigEndian = true
    default: return nil
    }
    func integer(at offset: Int, size: Int) -> Int {
      let field = bytes[offset..<(offset + size)]
      return bigEndian
        ? field.reduce(0) { $0 << 8 | Int($1) } : field.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let directory = integer(at: 4, size: 4)
    guard integer(at: 2, size: 2) == 42, directory <= bytes.count - 2 else { return nil }
    for index in 0..<integer(at: directory, size: 2) {
      let entry = directory + 2 + 12 * index
      guard entry <= bytes.count - 12 else { return nil }
      guard integer(at: entry, size: 2) == 0x0112 else { continue }
      // A SHORT by the standard; LONG is met too. Both stand at the start of the entry's value field.
      let sizes = [3: 2, 4: 4]
      guard let size = sizes[integer(at: entry + 2, size: 2)], integer(at: entry + 4, size: 4) == 1
      else { return nil }
      self.init(rawValue: integer(at: entry + 8, size: size))
      return
    }
    return nil
  }
}
