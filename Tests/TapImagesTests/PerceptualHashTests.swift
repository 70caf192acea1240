// The hash is its definition, and equal for images that differ in size, brightness and contrast alone.

import Foundation
import TapFileSystem
import TapImages
import TapProvenance
import TestSupport
import Testing

struct PerceptualHashTests {
  /// A gray image whose values a function gives.
  static func image(_ width: Int, _ height: Int, _ value: (_ x: Int, _ y: Int) -> UInt8) -> RGBImage {
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width { pixels += [UInt8](repeating: value(x, y), count: 3) }
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }

  static func noise(_ seed: UInt64) -> [[UInt8]] {
    var numbers = Congruential(seed: seed)
    return (0..<32).map { _ in (0..<32).map { _ in UInt8(40 + numbers.next(below: 90)) } }
  }

  /// Sums over all pixels, in the order of u + v and then u.
  static func definition(_ values: [[UInt8]]) -> UInt64 {
    var (bits, place): (UInt64, UInt64) = (0, 0)
    for order in 1...10 {
      for u in 0...order where place < 64 {
        let v = order - u
        var sum = 0.0
        for y in 0..<32 {
          for x in 0..<32 {
            let vertical: Double = cos(Double.pi * Double(u * (2 * y + 1)) / 64)
            let horizontal: Double = cos(Double.pi * Double(v * (2 * x + 1)) / 64)
            sum += Double(values[y][x]) * vertical * horizontal
          }
        }
        if sum > 0 { bits |= 1 << place }
        place += 1
      }
    }
    return bits
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func theHashIsItsDefinition(seed: UInt64) {
    let values = Self.noise(seed)
    let hash = PerceptualHash(Self.image(32, 32) { values[$1][$0] })
    #expect(hash.bits == Self.definition(values))
    // Pixels of any size, and other shapes.
    #expect(PerceptualHash(Self.image(96, 64) { values[$1 / 2][$0 / 3] }) == hash)
    #expect(PerceptualHash(Self.image(32, 32) { 2 * (values[$1][$0] - 30) }) == hash)
    let mirrored = PerceptualHash(Self.image(32, 32) { values[$1][31 - $0] })
    #expect(mirrored.bits == Self.definition(values.map { $0.reversed() }) && mirrored == hash.mirrored)
    #expect(
      hash.mirrored.mirrored == hash && hash.distance(to: mirrored) == (hash.bits ^ mirrored.bits).nonzeroBitCount)
    let other = PerceptualHash(Self.image(32, 32) { x, y in Self.noise(seed + 100)[y][x] })
    #expect((16...48).contains(hash.distance(to: other)) && hash.distance(to: hash) == 0)
  }

  /// An image of 48 pixels a side is reduced by means over 1.5 pixels, as the same image with each pixel doubled.
  @Test func partsOfPixelsCount() {
    var values = [[UInt8]](repeating: [UInt8](repeating: 0, count: 48), count: 48)
    for y in 0..<48 {
      for x in 0..<48 { values[y][x] = UInt8((x * x * 7 + y * 31 + x * y) % 200) }
    }
    var means = [[UInt8]](repeating: [UInt8](repeating: 0, count: 32), count: 32)
    for y in 0..<32 {
      for x in 0..<32 {
        var sum = 0.0
        for i in 0..<3 {
          for j in 0..<3 { sum += Double(values[(3 * y + i) / 2][(3 * x + j) / 2]) }
        }
        means[y][x] = UInt8((sum / 9).rounded())
      }
    }
    let hash = PerceptualHash(Self.image(48, 48) { values[$1][$0] })
    #expect((hash.bits ^ Self.definition(means)).nonzeroBitCount <= 2)
  }

  /// The sharpness of a small image is the variance of its Laplacian.
  @Test func sharpnessIsTheVarianceOfTheLaplacian() throws {
    let bytes = generatedPNG(width: 23, height: 17, seed: 8)
    let image = try ImageDecoder.decode(bytes)
    func luma(_ x: Int, _ y: Int) -> Double {
      let pixel = image.pixels[(3 * (y * 23 + x))...]
      let samples: [Double] = pixel.prefix(3).map { Double($0) }
      return 0.299 * samples[0] + 0.587 * samples[1] + 0.114 * samples[2]
    }
    var values: [Double] = []
    for y in 1..<16 {
      for x in 1..<22 {
        let around: Double = luma(x - 1, y) + luma(x + 1, y) + luma(x, y - 1) + luma(x, y + 1)
        values.append(around - 4 * luma(x, y))
      }
    }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.map { ($0 - mean) * ($0 - mean) }
    let variance = squares.reduce(0, +) / Double(values.count)
    let summary = try ImageSummary(bytes)
    #expect(abs(summary.sharpness / variance - 1) < 1e-4 && summary.hash == PerceptualHash(image))
  }

  /// The bits and the sharpness equal those of SciPy's transform and of SciPy's Laplacian:
  /// Tests/Reference/images/hashes.csv.
  @Test func hashesAndSharpnessAreThoseOfSciPy() throws {
    let table = try Reference.table("hashes.csv")
    var (bits, sharpnesses) = (0, 0)
    for row in table {
      func number(_ name: String) throws -> UInt64 { try #require(row[name].flatMap { UInt64($0, radix: 16) }) }
      let name = try #require(row["file"])
      let bytes = try name.hasPrefix("data/") ? FileSystem.read(Repository.path(name)) : Reference.fixture(name)
      let decoding = Decoding(alpha: .drop)
      let (expected, certain) = (try number("hash"), try number("certain"))
      let hash = PerceptualHash(try ImageDecoder.decode(bytes, decoding))
      #expect((hash.bits ^ expected) & certain == 0, "\(name)")
      bits += certain.nonzeroBitCount
      let summary = try ImageSummary(bytes, decoding)
      // A large JPEG file is decoded at a part of its size.
      #expect(((summary.hash.bits ^ expected) & certain).nonzeroBitCount <= 2, "\(name)")
      guard let sharpness = row["sharpness"].flatMap({ Double($0) }) else { continue }
      #expect(abs(summary.sharpness - sharpness) <= 1e-4 * (sharpness + 1), "\(name)")
      sharpnesses += 1
    }
    #expect(table.count >= 80 && bits >= 3000 && sharpnesses >= 60)
  }

  /// A photograph has nearly the same hash after a reduction and a compression.
  @Test func smallCopiesOfPhotographsAreNear() throws {
    var hashes: [PerceptualHash] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: Repository.path("data/photos")).sorted()
    where name.hasSuffix(".jpg") {
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: Repository.path("data/photos/\(name)"))))
      let hash = try ImageSummary(bytes).hash
      let copy = try ImageSummary(Thumbnail(bytes, longestSide: 128).jpeg).hash
      #expect(hash.distance(to: copy) <= 6, "\(name)")
      for other in hashes { #expect(hash.distance(to: other) > 10, "\(name)") }
      hashes.append(hash)
    }
    #expect(hashes.count > 3)
  }
}
