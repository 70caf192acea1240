// Reads Tests/Reference/images: Pillow's results for the fixtures, as SHA-256 of pixel bytes. Rebuild with
// Tests/Reference/images/make_reference.py.

import TapFileSystem
import TapFormats
import TapImages
import TapProvenance
import TestSupport

enum Reference {
  /// The rows of a CSV file, each a dictionary from the header's names.
  static func table(_ name: String) throws -> [[String: String]] {
    let bytes = try FileSystem.read(Repository.path("Tests/Reference/images/\(name)"))
    let lines = try CSV.parse(String(decoding: bytes, as: UTF8.self))
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
  }

  static func fixture(_ name: String) throws -> [UInt8] {
    try FileSystem.read(Repository.path("Tests/Reference/images/fixtures/\(name)"))
  }

  /// The fifteen resizes of the tables of fixtures and sizes: the column's name, the rule and the filter.
  static let resizes: [(name: String, Preprocessing.ResizeRule, Preprocessing.Interpolation)] =
    [Preprocessing.ResizeRule.short, .squash, .pad].flatMap { rule in
      Preprocessing.Interpolation.allCases.map { ("\(rule.rawValue)-\($0.rawValue)", rule, $0) }
    }
}

extension RGBImage {
  var hash: String { SHA256.hash(pixels).hex }

  /// An image whose byte i is the top byte of i * 2654435761 mod 2^32, as in the generator of the reference.
  static func computed(width: Int, height: Int) -> RGBImage {
    let pixels = (0..<(3 * width * height)).map {
      UInt8(truncatingIfNeeded: (UInt32(truncatingIfNeeded: $0) &* 2_654_435_761) >> 24)
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }
}
