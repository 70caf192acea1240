// Compares decoding, orientation and resizing together with Pillow, byte for byte.

import TapFileSystem
import TapFormats
import TapImages
import TapKernels
import TapProvenance
import TestSupport
import Testing

@Suite struct ReferenceTests {
  /// The equivalent of `Image.open(f).convert("RGB")`.
  private let pillow = Decoding(alpha: .drop)

  @Test func fixturesAreDecodedAndResizedAsPillowDoes() throws {
    let table = try Reference.table("fixtures.csv")
    #expect(table.count >= 80)
    for row in table {
      let name = try #require(row["file"])
      try check(try Reference.fixture(name), against: row, name)
    }
  }

  /// Checks the whole image, and the resized images, for which only the needed part of the file is decoded.
  private func check(_ file: [UInt8], against row: [String: String], _ name: String) throws {
    let image = try ImageDecoder.decode(file, pillow)
    #expect("\(image.width)" == row["width"], "\(name)")
    #expect("\(image.height)" == row["height"], "\(name)")
    #expect(image.hash == row["decoded"], "\(name)")
    for (column, rule, interpolation) in Reference.resizes {
      let preprocessor = ImagePreprocessor(
        Preprocessing(resize: rule, interpolation: interpolation, decoding: pillow))
      #expect(try preprocessor.pixels(image).hash == row[column], "\(name) \(column)")
      #expect(try preprocessor.pixels(file: file).hash == row[column], "\(name) \(column), from the file")
    }
  }

  @Test func transparencyIsLaidOnWhiteOrBlack() throws {
    let table = try Reference.table("alpha.csv")
    #expect(table.count == 7)
    for row in table {
      let file = try Reference.fixture(try #require(row["file"]))
      #expect(try ImageDecoder.decode(file).hash == row["white"], "\(row)")
      #expect(try ImageDecoder.decode(file, Decoding(alpha: .black)).hash == row["black"], "\(row)")
    }
  }

  @Test(.needs(.data("images/clothing", "images/caltech")))
  func photographsAreDecodedAndResizedAsPillowDoes() throws {
    let table = try Reference.table("photographs.csv")
    #expect(table.count >= 300)
    for row in table {
      let name = try #require(row["file"])
      let path = try TestData.path(name)
      let file = try FileSystem.read(path)
      let image = try ImageDecoder.decode(file)
      #expect("\(image.width)" == row["width"], "\(name)")
      #expect("\(image.height)" == row["height"], "\(name)")
      #expect(image.hash == row["decoded"], "\(name)")
      for interpolation in Preprocessing.Interpolation.allCases {
        let squares: [(Preprocessing.ResizeRule, Int, Double)] = [
          (.short, 224, 0.875), (.squash, 333, 1), (.pad, 97, 1), (.short, 601, 0.9),
        ]
        let pixels = try squares.flatMap { rule, size, fraction in
          let preprocessing = Preprocessing(
            size: size, resize: rule, cropFraction: fraction, interpolation: interpolation)
          return try ImagePreprocessor(preprocessing).pixels(file: file).pixels
        }
        #expect(SHA256.hash(pixels).hex == row[interpolation.rawValue], "\(name) \(interpolation)")
      }
    }
  }

  @Test(.needs(.data("images/clothing", "images/caltech")))
  func everyPhotographIsDecodedAsPillowDoes() throws {
    let table = try Reference.table("folders.csv")
    #expect(table.count >= 100)
    for row in table {
      let name = try #require(row["folder"])
      let folder = try TestData.path(name)
      let files = try FileSystem.list(folder).filter { $0.hasSuffix(".jpg") }
      #expect("\(files.count)" == row["files"], "\(name)")
      var hash = SHA256()
      for file in files.sorted(by: { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }) {
        hash.update(try ImageDecoder.decode(FileSystem.read(FileSystem.join(folder, file))).pixels)
      }
      #expect(hash.finalize().hex == row["decoded"], "\(name)")
    }
  }

  /// The results equal those of timm's evaluation transform, which uses crop_pct for every crop_mode.
  @Test func cropModesAreTimms() throws {
    let table = try Reference.table("timm.csv")
    #expect(table.count >= 50)
    let rules: [(String, Preprocessing.ResizeRule)] = [
      ("center", .short), ("squash", .squashAndCrop), ("border", .border),
    ]
    for row in table {
      func number(_ name: String) throws -> Int { try #require(row[name].flatMap { Int($0) }) }
      let image = RGBImage.computed(width: try number("width"), height: try number("height"))
      for (mode, rule) in rules {
        for filter in [Preprocessing.Interpolation.bilinear, .bicubic] {
          let preprocessing = Preprocessing(
            size: try number("size"), resize: rule,
            cropFraction: try #require(row["fraction"].flatMap { Double($0) }),
            interpolation: filter)
          #expect(
            try ImagePreprocessor(preprocessing).pixels(image).hash == row["\(mode)-\(filter.rawValue)"],
            "\(row) \(mode) \(filter)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func awkwardSizesAreResizedAsPillowDoes(instructionSet: InstructionSet) throws {
    let table = try Reference.table("geometry.csv")
    #expect(table.count >= 70)
    for row in table {
      let width = try #require(row["width"].flatMap { Int($0) })
      let height = try #require(row["height"].flatMap { Int($0) })
      let size = try #require(row["size"].flatMap { Int($0) })
      let fraction = try #require(row["fraction"].flatMap { Double($0) })
      let image = RGBImage.computed(width: width, height: height)
      for (column, rule, interpolation) in Reference.resizes {
        let preprocessor = ImagePreprocessor(
          Preprocessing(
            size: size, resize: rule, cropFraction: fraction, interpolation: interpolation),
          instructionSet: instructionSet)
        #expect(
          try preprocessor.pixels(image).hash == row[column],
          "\(width)x\(height) to \(size), fraction \(fraction), \(column)")
      }
    }
  }
}
