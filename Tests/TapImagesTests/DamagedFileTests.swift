// If damaged files are allowed, their pixels are those that Pillow reads with LOAD_TRUNCATED_IMAGES. Rebuild the table
// with Tests/Reference/images/make_damaged.py.

import TapImages
import TapProvenance
import Testing

@Suite struct DamagedFileTests {
  private let allowing = Decoding(alpha: .drop, allowsTruncated: true)

  /// Files whose pixels depend on the version of a library. If a progressive file ends before its last scans,
  /// libjpeg-turbo 3.2 smooths its blocks differently from 2.1. Pillow 10.0.0, which has 2.1.5, gives the same pixels
  /// as LayerTap for the first four files. zlib-ng finds an error a few bytes later than zlib.
  private static let byLibrary: Set<String> = [
    "jpeg-large-420-progressive.jpg at 3075: 0 bytes for ffd9",
    "jpeg-large-420-progressive.jpg at 3075: 2 bytes for ffd9",
    "jpeg-large-420-progressive.jpg at 5983: 7462 bytes for ",
    "jpeg-large-420-progressive.jpg at 666: 12779 bytes for ",
    "jpeg-grey-progressive.jpg at 788: 211 bytes for ", "png-grey-1.png at 108: 9 bytes for ",
  ]

  private struct Damage {
    let name: String
    /// Whether the damage is before the pixels.
    let isInTables: Bool
    let bytes: [UInt8]
    let expected: String
  }

  private func damages() throws -> [Damage] {
    var files: [String: [UInt8]] = [:]
    return try Reference.table("damaged.csv").map { row in
      let file = row["file"] ?? ""
      let whole = try files[file] ?? Reference.fixture(file)
      files[file] = whole
      let at = try #require(Int(row["at"] ?? ""))
      let taken = try #require(Int(row["taken"] ?? ""))
      let digits = Array((row["put"] ?? "").utf8)
      let put = stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)
      }
      let scan = whole.indices.dropLast().first { whole[$0] == 0xFF && whole[$0 + 1] == 0xDA } ?? 0
      return Damage(
        name: "\(file) at \(at): \(taken) bytes for \(row["put"] ?? "")",
        isInTables: file.hasPrefix("jpeg") && at < scan,
        bytes: Array(whole[..<at]) + put + whole[(at + taken)...], expected: row["decoded"] ?? "")
    }
  }

  /// A file that Pillow can read gives the same pixels in LayerTap. There is one exception: if libjpeg-turbo refuses
  /// the tables, Pillow gives a black image, and LayerTap refuses the file.
  @Test func pixelsAreThoseOfPillow() throws {
    let damages = try damages()
    #expect(damages.count == 807)
    var differing: [String] = []
    var refused: [String] = []
    var same = 0
    for damage in damages {
      do {
        let hash = try ImageDecoder.decode(damage.bytes, allowing).hash
        if damage.expected == "error" { continue }
        if hash == damage.expected { same += 1 } else { differing.append(damage.name) }
      } catch {
        if damage.expected != "error", !damage.isInTables { refused.append("\(damage.name): \(error)") }
      }
    }
    let others = differing.filter { !Self.byLibrary.contains($0) }
    #expect(others.isEmpty, "\(others.count) differ: \(others.prefix(20))")
    #expect(refused.isEmpty, "\(refused.count) are refused: \(refused.prefix(20))")
    #expect(same > 700)
  }

  /// If only a part of a damaged file is decoded, its pixels are the same as in the whole image.
  @Test func partsAreThoseOfTheWhole() throws {
    for damage in try damages() where damage.name.hasPrefix("jpeg") {
      guard let whole = try? ImageDecoder.decode(damage.bytes, allowing) else { continue }
      let preprocessor = ImagePreprocessor(
        Preprocessing(size: 24, cropFraction: 0.5, decoding: allowing))
      let square = try preprocessor.pixels(file: damage.bytes)
      #expect(try square == preprocessor.pixels(whole), "\(damage.name)")
    }
  }

  /// If damaged files are not allowed, no part of a damaged file is read as if it were valid.
  @Test func withoutPermissionDamageIsAnError() throws {
    let cut = try Reference.fixture("jpeg-large-420.jpg")
    let end = Array(cut.prefix(cut.count / 2)) + [0xFF, 0xD9]
    #expect(throws: ImageError.self) { try ImageDecoder.decode(end) }
    #expect(throws: Never.self) { try ImageDecoder.decode(end, allowing) }
  }
}
