// The pixels of the probe images, compared with Pillow's: Tests/Reference/probes.

import TapFileSystem
import TapFormats
import TapImages
import TestSupport
import Testing

@Suite struct DecoderIdentityTests {
  /// Pillow's hashes with a version of libjpeg-turbo: those of the parts, by probe, and that of all parts together.
  private func pillow(_ version: String) throws -> (parts: [String: [[String: String]]], all: String) {
    let bytes = try FileSystem.read(Repository.path("Tests/Reference/probes/pixels-\(version).csv"))
    let lines = try CSV.parse(String(decoding: bytes, as: UTF8.self))
    let rows = lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
    let all = try #require(rows.last?["sha256"])
    return (Dictionary(grouping: rows.dropLast()) { $0["probe"] ?? "" }, all)
  }

  @Test(arguments: DecoderIdentity.probes)
  func partsAreThoseOfPillow(probe: DecoderIdentity.Probe) throws {
    let known = DecoderIdentity.known[DecoderIdentity.pixels()] != nil
    let expected = try #require(try pillow(known ? "2.1.5" : "3.2.0").parts[probe.name])
    let images = probe.decoded()
    #expect(images.count == expected.count)
    for (image, row) in zip(images, expected) {
      let image = try #require(image)
      #expect("\(image.width) x \(image.height)" == "\(row["width"] ?? "") x \(row["height"] ?? "")")
      #expect(image.hash == row["sha256"], "part \(row["part"] ?? "") of '\(probe.name)'")
    }
  }

  @Test func thereAreTwelve() { #expect(DecoderIdentity.probes.count == 12) }

  /// The only difference between the versions is in progressive files without all of their scans.
  @Test func theTableHasThePixelsOfPillow() throws {
    let (older, newer) = (try pillow("2.1.5"), try pillow("3.2.0"))
    #expect(DecoderIdentity.known == [older.all: "libjpeg-turbo 2.1.5"])
    #expect(older.all != newer.all)
    let different = older.parts.keys.filter { older.parts[$0] != newer.parts[$0] }
    #expect(different == ["420, progressive, the first scans"])
  }

  @Test func thisLibraryHasTheTextOfItsPixels() throws {
    let numbers = ImageDecoder.libraryVersion.dropFirst("libjpeg-turbo ".count).split(separator: ".").compactMap {
      Int($0)
    }
    try #require(numbers.count == 3)
    let version = numbers[0] * 10_000 + numbers[1] * 100 + numbers[2]
    try #require(version >= 20_101, "no pixels of \(ImageDecoder.libraryVersion) were recorded")
    let isKnown = version <= 30_000
    #expect(DecoderIdentity.pixels() == (try pillow(isKnown ? "2.1.5" : "3.2.0").all))
    #expect(ImageDecoder.identity == (isKnown ? "libjpeg-turbo 2.1.5" : ImageDecoder.libraryVersion))
  }

  @Test func pixelsDecideAndVersionsNameTheRest() throws {
    let (older, newer) = (try pillow("2.1.5").all, try pillow("3.2.0").all)
    #expect(DecoderIdentity.text(pixels: older, version: "libjpeg-turbo 3.0.0") == "libjpeg-turbo 2.1.5")
    #expect(DecoderIdentity.text(pixels: older, version: "libjpeg") == "libjpeg-turbo 2.1.5")
    #expect(DecoderIdentity.text(pixels: newer, version: "libjpeg-turbo 3.2.0") == "libjpeg-turbo 3.2.0")
    #expect(DecoderIdentity.text(pixels: newer, version: "libjpeg") == "libjpeg")
    // The header is of 2.1.5, but the library that runs is not.
    #expect(
      DecoderIdentity.text(pixels: newer, version: "libjpeg-turbo 2.1.5")
        == "libjpeg-turbo 2.1.5, pixels b253f804bc87")
  }
}
