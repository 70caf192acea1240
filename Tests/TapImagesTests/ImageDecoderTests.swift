// A file that is no image, or only a part of one, gives the error of its kind, never a crash.

import TapFormats
import TapImages
import TestSupport
import Testing

@Suite struct ImageDecoderTests {
  private func failure(_ bytes: [UInt8]) -> ImageError? {
    do {
      _ = try ImageDecoder.decode(bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test func identityNamesTheLibraryAndItsVersion() {
    let words = ImageDecoder.identity.split(separator: " ")
    #expect(words.first == "libjpeg-turbo")
    #expect(words.last?.split(separator: ".").count == 3)
  }

  @Test func anEmptyFileIsCalledEmpty() {
    #expect(failure([]) == .empty)
  }

  @Test func aTextFileIsQuoted() {
    #expect(
      failure(Array("Not found\nThe page was removed.".utf8))
        == .notAnImage(looksLike: "text beginning \"Not found\""))
    let long = String(repeating: "é", count: 1000)
    #expect(
      failure(Array(("x" + long).utf8))
        == .notAnImage(looksLike: "text beginning \"x\(long.prefix(23))\""))
    #expect(failure([0x00, 0x0F, 0xFE]) == .notAnImage(looksLike: "unknown data beginning 00 0f fe"))
    #expect(failure(Array("%PDF-1.7".utf8)) == .notAnImage(looksLike: "a PDF document"))
    #expect(failure([0xFF, 0xD8]) == .notAnImage(looksLike: "unknown data beginning ff d8"))
  }

  /// The name and the first bytes of formats that are recognized but not read.
  private static let others: [(name: String, bytes: [UInt8])] = [
    ("GIF", [UInt8]("GIF89a".utf8)),
    ("WebP", [UInt8]("RIFF1234WEBPVP8L".utf8)),
    ("HEIC", [UInt8]("1234ftypheic".utf8)),
    ("AVIF", [UInt8]("1234ftypavif".utf8)),
    ("TIFF", [0x49, 0x49, 0x2A, 0]),
    ("TIFF", [0x4D, 0x4D, 0, 0x2A]),
    ("BMP", [UInt8]("BM1234".utf8)),
    ("JPEG XL", [0xFF, 0x0A, 0]),
  ]

  @Test func otherFormatsAreNamed() {
    for other in Self.others { #expect(failure(other.bytes) == .unsupportedFormat(other.name)) }
  }

  @Test(arguments: ["jpeg-420.jpg", "jpeg-progressive.jpg", "jpeg-grey.jpg", "png-rgb.png"])
  func aFileCutAnywhereIsTruncated(name: String) throws {
    let whole = try Reference.fixture(name)
    let format: ImageFormat = name.hasSuffix("png") ? .png : .jpeg
    for length in stride(from: 8, to: whole.count, by: 1) {
      let error = failure(Array(whole[..<length]))
      #expect(error == .truncated(format: format), "\(name) cut to \(length) of \(whole.count) bytes")
    }
  }

  @Test func damageIsReportedOrSurvived() throws {
    // A changed byte may give another valid image, but never a crash and never a wrong kind of error.
    for name in ["jpeg-420.jpg", "jpeg-progressive.jpg", "png-palette-4.png", "exif-6.jpg"] {
      let whole = try Reference.fixture(name)
      for index in whole.indices {
        for value: UInt8 in [0x00, 0xFF, whole[index] ^ 0x10] {
          var bytes = whole
          bytes[index] = value
          _ = failure(bytes)
        }
      }
    }
  }

  @Test func aWrongChecksumIsDamage() throws {
    var bytes = try Reference.fixture("png-rgb.png")
    bytes[29] ^= 1  // the header chunk's CRC
    guard case .damaged(format: .png, let detail) = failure(bytes) else {
      Issue.record("expected damage")
      return
    }
    #expect(detail.contains("CRC"))
  }

  @Test func anInvalidHuffmanCodeIsDamage() throws {
    let whole = try Reference.fixture("jpeg-420-quality-30.jpg")
    let scan = try #require(whole.indices.dropLast().first { whole[$0] == 0xFF && whole[$0 + 1] == 0xDA })
    let damaged = (scan + 20..<whole.count - 20).contains { index in
      var bytes = whole
      bytes[index] = 0xFE
      if case .damaged(format: .jpeg, _) = failure(bytes) { return true }
      return false
    }
    #expect(damaged)
  }

  @Test func aJPEGOfAnotherProcessIsUnsupported() throws {
    var bytes = try Reference.fixture("jpeg-420.jpg")
    let frame = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    bytes[frame + 4] = 12  // bits a sample
    guard case .unsupportedVariant(format: .jpeg, let precision) = failure(bytes) else {
      Issue.record("expected an unsupported precision")
      return
    }
    #expect(precision.contains("12"))
    bytes[frame + 4] = 8
    bytes[frame + 1] = 0xC3  // lossless
    guard case .unsupportedVariant(format: .jpeg, _) = failure(bytes) else {
      Issue.record("expected an unsupported process")
      return
    }
  }

  /// A file with one gray block and `count` progressive scans, each of which is legal. For every coefficient, the first
  /// scan has the highest bit, and each further scan has one more bit.
  private static func manyScans(_ count: Int) -> [UInt8] {
    func segment(_ marker: UInt8, _ payload: [UInt8]) -> [UInt8] {
      [0xFF, marker, 0, UInt8(payload.count + 2)] + payload
    }
    /// A table whose only code, a 0 bit, means symbol 0, which is no difference or the end of the block.
    let code = [1] + [UInt8](repeating: 0, count: 15) + [0]
    func scan(_ first: Int, _ high: Int, _ low: Int) -> [UInt8] {
      segment(0xDA, [1, 1, 0, UInt8(first), UInt8(first), UInt8(high << 4 | low)]) + [0x7F]
    }
    var file: [UInt8] = [0xFF, 0xD8]
    file += segment(0xDB, [0] + [UInt8](repeating: 1, count: 64))
    file += segment(0xC2, [8, 0, 8, 0, 8, 1, 1, 0x11, 0])
    file += segment(0xC4, [0x00] + code) + segment(0xC4, [0x10] + code)
    file += scan(0, 0, 0)
    let scans = (1...63).flatMap { first in (0...13).map { scan(first, $0 == 0 ? 0 : 14 - $0, 13 - $0) } }
    for scan in scans.prefix(count - 1) { file += scan }
    return file + [0xFF, 0xD9]
  }

  @Test func manyScansAreRefused() throws {
    #expect(try ImageDecoder.decode(Self.manyScans(500)).pixels == [UInt8](repeating: 128, count: 192))
    #expect(failure(Self.manyScans(800)) == .damaged(format: .jpeg, detail: "more than 500 scans"))
  }

  @Test func tooManyPixelsAreRefusedFromTheHeader() throws {
    var bytes = try Reference.fixture("jpeg-420.jpg")
    let frame = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    bytes.replaceSubrange((frame + 5)..<(frame + 9), with: [0xFF, 0x00, 0xFF, 0x00])
    #expect(failure(bytes) == .tooLarge(width: 65_280, height: 65_280))
  }

  @Test func aSideBeyondTheLimitIsRefusedFromTheHeader() throws {
    var bytes = try Reference.fixture("png-rgb.png")
    bytes.replaceSubrange(16..<24, with: [0, 0x1E, 0x84, 0x80, 0, 0, 0, 1])  // 2,000,000 x 1
    let checksum = CRC32.checksum(Array(bytes[12..<29]))
    let stored = stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: checksum >> $0) }
    bytes.replaceSubrange(29..<33, with: stored)
    #expect(failure(bytes) == .tooLarge(width: 2_000_000, height: 1))
  }

  @Test func metadataOfDamagedImagesIsIgnored() throws {
    // The file is cut inside the EXIF segment. The reading of segments must stop at the end of the file.
    let bytes = try Reference.fixture("exif-6.jpg")
    for length in 0..<50 {
      #expect(Orientation(jpeg: Array(bytes[..<length])) == .upright)
    }
    #expect(Orientation(jpeg: bytes) == .turnClockwise)
    let png = try Reference.fixture("png-exif-6.png")
    #expect(Orientation(png: png) == .turnClockwise)
    for length in 0..<40 { #expect(Orientation(png: Array(png[..<length])) == .upright) }
  }

  @Test func messagesSayWhatToDo() {
    let errors: [ImageError] = [
      .empty, .notAnImage(looksLike: "text"), .unsupportedFormat("GIF"),
      .unsupportedVariant(format: .jpeg, detail: "12 bits"), .truncated(format: .png),
      .damaged(format: .jpeg, detail: "bad code"), .tooLarge(width: 1, height: 2),
      .outOfMemory(format: .png), .invalidPreprocessing(field: "size", value: "0", expected: "1 or more"),
    ]
    for error in errors { #expect(error.description.count > 20) }
    #expect("\(ImageError.tooLarge(width: 20000, height: 10000))".contains("178956970"))
  }
}
