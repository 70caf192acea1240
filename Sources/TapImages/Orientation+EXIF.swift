// The orientation written in a file: in EXIF (a TIFF directory, EXIF 2.32 and TIFF 6.0, in JPEG's APP1 segment or PNG's eXIf
// chunk), and where that has none, in XMP. Metadata must not cost a picture: whatever is malformed means "upright".

extension Orientation {
  /// The orientation in the segments before the picture data of a JPEG file: EXIF's first, XMP's last, as Pillow has it.
  package init(jpeg bytes: [UInt8]) {
    var (exif, xmp): (ArraySlice<UInt8>?, ArraySlice<UInt8>?)
    Orientation.forEachApplicationSegment(of: bytes) { payload in
      if exif == nil, payload.starts(with: Orientation.exifMark) {
        exif = payload.dropFirst(Orientation.exifMark.count)
      } else if payload.starts(with: Orientation.xmpMark) {
        xmp = payload.dropFirst(Orientation.xmpMark.count)
      }
    }
    self = exif.flatMap(Orientation.init(tiff:)) ?? xmp.flatMap(Orientation.init(xmp:)) ?? .upright
  }

  /// The orientation in the eXIf chunk of a PNG file, else in its XMP.
  package init(png bytes: [UInt8]) {
    var (exif, xmp): (ArraySlice<UInt8>?, ArraySlice<UInt8>?)
    Orientation.forEachChunk(of: bytes) { type, payload in
      if exif == nil, type.elementsEqual("eXIf".utf8) {
        // Some writers keep JPEG's mark in front.
        exif =
          payload.starts(with: Orientation.exifMark)
          ? payload.dropFirst(Orientation.exifMark.count) : payload
      } else if type.elementsEqual("iTXt".utf8), payload.starts(with: Orientation.xmpKeyword) {
        xmp = payload.dropFirst(Orientation.xmpKeyword.count)
      }
    }
    self = exif.flatMap(Orientation.init(tiff:)) ?? xmp.flatMap(Orientation.init(xmp:)) ?? .upright
  }

  private static let exifMark: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]  // "Exif", 0, 0

  private static let xmpMark = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
  /// Keyword, and that the text is not compressed.
  private static let xmpKeyword = Array("XML:com.adobe.xmp\0\0".utf8)

  /// Walks the segments FF marker length(2, big-endian, counts itself) up to the start of a scan, and hands on what
  /// APP1 segments hold.
  private static func forEachApplicationSegment(of bytes: [UInt8], _ body: (ArraySlice<UInt8>) -> Void) {
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
        return
      default:
        break
      }
      let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
      let end = at + 2 + length
      guard length >= 2, end <= bytes.count else { return }
      if marker == 0xE1 { body(bytes[(at + 4)..<end]) }
      at = end
    }
  }

  /// Walks the chunks length(4, big-endian) type(4) data crc(4).
  private static func forEachChunk(
    of bytes: [UInt8], _ body: (_ type: ArraySlice<UInt8>, _ data: ArraySlice<UInt8>) -> Void
  ) {
    var at = 8
    while at + 12 <= bytes.count {
      let length = bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) }
      let data = at + 8
      guard length <= bytes.count - data - 4 else { return }
      body(bytes[(at + 4)..<data], bytes[data..<(data + length)])
      at = data + length + 4
    }
  }

  /// Reads the first `tiff:Orientation="6"` or `<tiff:Orientation>6` of an XMP packet (ISO 16684-1) whose value is a
  /// digit.
  private init?(xmp: ArraySlice<UInt8>) {
    let name = Array("tiff:Orientation".utf8)
    var rest = xmp
    while let start = rest.firstIndex(of: name[0]) {
      rest = rest[start...]
      guard rest.starts(with: name) else {
        rest = rest.dropFirst()
        continue
      }
      rest = rest.dropFirst(name.count)
      let value =
        rest.starts(with: "=\"".utf8)
        ? rest.dropFirst(2) : rest.starts(with: ">".utf8) ? rest.dropFirst() : []
      guard let digit = value.first, (0x30...0x39).contains(digit) else { continue }
      self.init(rawValue: Int(digit) - 0x30)
      return
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
