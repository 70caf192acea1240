// Images with unusual metadata are turned as Pillow's ImageOps.exif_transpose turns them. Rebuild the table with
// Tests/Reference/images/make_orientations.py.

import TapFormats
import TapImages
import Testing

@Suite struct OrientationReferenceTests {
  @Test func everyBlockTurnsAsInPillow() throws {
    let table = try Reference.table("orientations.csv")
    #expect(table.count > 250)
    var kinds: Set<String> = []
    for row in table {
      let bytes = try #require(Self.bytes(row["bytes"] ?? ""))
      let kind = row["kind"] ?? ""
      let found =
        switch kind {
        case "exif": Orientation(jpeg: Self.jpeg([Array("Exif\0\0".utf8) + bytes]))
        case "segments": Orientation(jpeg: Self.jpeg(Self.parts(bytes)))
        default: Orientation(png: Self.png(bytes, isBehind: row["bytes"]?.hasSuffix("|") ?? false))
        }
      #expect(found.rawValue == row["orientation"].flatMap { Int($0) }, "\(kind) \(row["name"] ?? "")")
      kinds.insert(kind)
    }
    #expect(kinds.count == 3)
  }

  /// A compressed text can unpack to gigabytes. It must take no memory, and the image must still be read.
  @Test func aTextThatGrowsIsLeftAlone() {
    // The stream has 20 stored blocks of 65,535 bytes, which are more than the limit for unpacking.
    var stream: [UInt8] = [0x78, 0x01]
    for _ in 0..<20 { stream += [0, 0xFF, 0xFF, 0, 0] + [UInt8](repeating: 0x20, count: 65_535) }
    let text = Array("XML:com.adobe.xmp\0".utf8) + [1, 0, 0, 0] + stream
    #expect(Orientation(png: Self.png(Self.chunk("iTXt", text), isBehind: false)) == .upright)
  }

  private static func bytes(_ hexadecimal: String) -> [UInt8]? {
    let digits = hexadecimal.utf8.filter { $0 != UInt8(ascii: "|") }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(byte)
    }
    return bytes
  }

  private static func jpeg(_ payloads: [[UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = [0xFF, 0xD8]
    for payload in payloads {
      let length = payload.count + 2
      bytes += [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)]
      bytes += payload
    }
    return bytes + [0xFF, 0xDA, 0, 2]
  }

  private static func parts(_ bytes: [UInt8]) -> [[UInt8]] {
    var parts: [[UInt8]] = []
    var rest = bytes[...]
    while rest.count > 1 {
      let count = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
      parts.append(Array(rest.dropFirst(2).prefix(count)))
      rest = rest.dropFirst(2 + count)
    }
    return parts
  }

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: data.count >> $0) } + Array(type.utf8) + data
      + [0, 0, 0, 0]
  }

  private static func png(_ chunks: [UInt8], isBehind: Bool) -> [UInt8] {
    let pixels = chunk("IDAT", [])
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", [UInt8](repeating: 0, count: 13))
      + (isBehind ? pixels + chunks : chunks + pixels) + chunk("IEND", [])
  }
}
