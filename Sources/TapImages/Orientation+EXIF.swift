// Reads the orientation in a file from EXIF, or from XMP if EXIF has no orientation. EXIF is a TIFF directory (EXIF
// 2.32 and TIFF 6.0) in JPEG's APP1 segment or in PNG's eXIf chunk. Metadata must not make an image unreadable, so
// malformed metadata means "upright".

import TapFormats

extension Orientation {
  /// The orientation in the segments before the image data of a JPEG file. As in Pillow, the parts of EXIF are
  /// concatenated, and the last XMP is read if EXIF has no orientation.
  package init(jpeg bytes: [UInt8]) {
    var exif: [UInt8]?
    var xmp: ArraySlice<UInt8>?
    Orientation.forEachApplicationSegment(of: bytes) { payload in
      if payload.starts(with: Orientation.exifMark) {
        exif = exif.map { $0 + payload.dropFirst(Orientation.exifMark.count) } ?? Array(payload)
      } else if payload.starts(with: Orientation.xmpMark) {
        xmp = payload.dropFirst(Orientation.xmpMark.count)
      }
    }
    self.init(exif: exif, xmp: xmp)
  }

  /// The orientation in a PNG file. Three sources are tried in this order: the eXIf chunk, a text chunk with an EXIF
  /// profile as ImageMagick writes it, and the XMP. Texts may be compressed.
  package init(png bytes: [UInt8]) {
    var (exif, profile): ([UInt8]?, [UInt8]?)
    var xmp: ArraySlice<UInt8>?
    Orientation.forEachChunk(of: bytes) { type, payload in
      if type.elementsEqual("eXIf".utf8) {
        exif = Orientation.exifMark + payload
        return
      }
      guard let (keyword, text) = Orientation.text(type, payload) else { return }
      if keyword.elementsEqual("Raw profile type exif".utf8) {
        profile = Orientation.profile(text)
      } else if keyword.elementsEqual("XML:com.adobe.xmp".utf8) {
        xmp = text
      } else if keyword.elementsEqual("exif".utf8), type.elementsEqual("tEXt".utf8) {
        exif = Array(text)
      }
    }
    self.init(exif: exif ?? profile, xmp: xmp)
  }

  /// The orientation in EXIF if EXIF has one, even if its value is invalid; otherwise the orientation in XMP.
  private init(exif: [UInt8]?, xmp: ArraySlice<UInt8>?) {
    var tiff = (exif ?? [])[...]
    // Some programs write JPEG's mark before EXIF where the mark is not needed.
    for _ in 0..<2 where tiff.starts(with: Orientation.exifMark) {
      tiff = tiff.dropFirst(Orientation.exifMark.count)
    }
    let value: Int? = OrientationTag(tiff: Array(tiff)).map { $0.value } ?? xmp.flatMap(Orientation.digit)
    self = value.flatMap(Orientation.init(rawValue:)) ?? .upright
  }

  private static let exifMark: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]  // "Exif", 0, 0

  private static let xmpMark = Array("http://ns.adobe.com/xap/1.0/\0".utf8)

  /// The largest size of a text that is decompressed, as in Pillow.
  private static let longestText = 1 << 20

  /// The keyword and the decompressed text of a tEXt, zTXt or iTXt chunk; nil for other chunks and malformed chunks.
  private static func text(
    _ type: ArraySlice<UInt8>, _ payload: ArraySlice<UInt8>
  ) -> (keyword: ArraySlice<UInt8>, text: ArraySlice<UInt8>)? {
    guard let end = payload.firstIndex(of: 0) else { return nil }
    let keyword = payload[..<end]
    var rest = payload[(end + 1)...]
    func flag() -> UInt8? { rest.popFirst() }
    if type.elementsEqual("tEXt".utf8) { return (keyword, rest) }
    if type.elementsEqual("zTXt".utf8) {
      return flag() == 0 ? unpacked(rest).map { (keyword, $0) } : nil
    }
    guard type.elementsEqual("iTXt".utf8), let isPacked = flag(), let method = flag() else { return nil }
    // Skips the language, and the keyword in that language.
    for _ in 0..<2 {
      guard let end = rest.firstIndex(of: 0) else { return nil }
      rest = rest[(end + 1)...]
    }
    if isPacked == 0 { return (keyword, rest) }
    return method == 0 ? unpacked(rest).map { (keyword, $0) } : nil
  }

  /// The decompressed bytes of a zlib stream (RFC 1950). The checksum of the stream is not checked.
  private static func unpacked(_ stream: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard stream.count > 2, stream[stream.startIndex] & 0x0F == 8 else { return nil }
    let deflated = Array(stream.dropFirst(2))
    return (try? Inflate.inflate(deflated.span, atMost: longestText))?[...]
  }

  /// The bytes of a profile as ImageMagick writes it: an empty line, the profile's name, its length, and lines of
  /// hexadecimal digits.
  private static func profile(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false).dropFirst(3)
    var bytes: [UInt8] = []
    var high: UInt8?
    for byte in lines.joined() where !(byte == 0x20 || 0x09...0x0D ~= byte) {
      guard let digit = Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init) else { return nil }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return high == nil ? bytes : nil
  }

  /// Reads the segments up to the start of a scan, and calls `body` with the contents of each APP1 segment. A segment
  /// is the byte FF, a marker, the length in two big-endian bytes that count themselves, and the contents.
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

  /// Reads the chunks up to the end of the image. A chunk is the length in four big-endian bytes, four bytes of type,
  /// the data, and four bytes of CRC.
  private static func forEachChunk(
    of bytes: [UInt8], _ body: (_ type: ArraySlice<UInt8>, _ data: ArraySlice<UInt8>) -> Void
  ) {
    var at = 8
    while at + 12 <= bytes.count {
      let length = bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) }
      let data = at + 8
      guard length <= bytes.count - data - 4 else { return }
      let type = bytes[(at + 4)..<data]
      if type.elementsEqual("IEND".utf8) { return }
      body(type, bytes[data..<(data + length)])
      at = data + length + 4
    }
  }

  /// The first orientation in an XMP packet (ISO 16684-1) whose value is a digit. It has the form
  /// `tiff:Orientation="6"` or `<tiff:Orientation>6`.
  private static func digit(xmp: ArraySlice<UInt8>) -> Int? {
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
      return Int(digit) - 0x30
    }
    return nil
  }
}
