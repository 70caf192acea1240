// Byte for byte against Pillow: decoding, orientation and resizing together.

import TapFileSystem
import TapImages
import TapKernels
import TapProvenance
import TestSupport
import Testing

@Suite struct ReferenceTests {
  @Test func fixturesAreDecodedAndResizedAsPillowDoes() throws {
    let table = try Reference.table("fixtures.csv")
    #expect(table.count >= 80)
    for row in table {
      let name = try #require(row["file"])
      try check(try Reference.fixture(name), against: row, name)
    }
  }

  @Test func photographsAreDecodedAndResizedAsPillowDoes() throws {
    let table = try Reference.table("photographs.csv")
    #expect(table.count >= 40)
    for row in table {
      let name = try #require(row["file"])
      guard let path = TestData.path(name) else { return }
      try check(try FileSystem.read(path), against: row, name)
    }
  }

  private func check(_ file: [UInt8], against row: [String: String], _ name: String) throws {
    let image = try ImageDecoder.decode(file)
    #expect("\(image.width)" == row["width"], "\(name)")
    #expect("\(image.height)" == row["height"], "\(name)")
    #expect(image.hash == row["decoded"], "\(name)")
    for (column, rule, interpolation) in Reference.resizes {
      let preprocessor = ImagePreprocessor(Preprocessing(resize: rule, interpolation: interpolation))
      #expect(try preprocessor.pixels(image).hash == row[column], "\(name) \(column)")
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
