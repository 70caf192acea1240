import TapImages
import TapProvenance
import TestSupport
import Testing

@Suite struct VisiblePartTests {
  private func preprocessing(_ resize: Preprocessing.ResizeRule, crop: Double = 0.875) -> Preprocessing {
    Preprocessing(size: 224, resize: resize, cropFraction: crop)
  }

  /// After torchvision's Resize(256) and CenterCrop(224) of an image of 512 x 256, 224 of 512 columns and 224 of 256
  /// rows remain.
  @Test func theShortSideKeepsItsMiddle() {
    let part = VisiblePart(width: 512, height: 256, preprocessing(.short))
    #expect(part.width == 224.0 / 512 && part.height == 224.0 / 256)
    #expect(part.left == 144.0 / 512 && part.top == 16.0 / 256)
    #expect(part.areaLeftOut == 1 - 0.4375 * 0.875)
    let square = VisiblePart(width: 100, height: 100, preprocessing(.short, crop: 1))
    #expect(square.areaLeftOut == 0)
  }

  @Test(arguments: [Preprocessing.ResizeRule.squash, .pad])
  func nothingIsCutOff(resize: Preprocessing.ResizeRule) {
    #expect(VisiblePart(width: 512, height: 100, preprocessing(resize)).areaLeftOut == 0)
  }

  /// The header of a file gives the same result, and a file without one gives an error.
  @Test func theHeaderIsEnough() throws {
    let file = generatedPNG(width: 300, height: 100, seed: 1)
    let expected = VisiblePart(width: 300, height: 100, preprocessing(.short))
    #expect(try VisiblePart(file: file, preprocessing(.short)) == expected)
    #expect(try VisiblePart(file: Array(file.prefix(64)), preprocessing(.short)) == expected)
    #expect(throws: ImageError.self) { try VisiblePart(file: Array(file.prefix(12)), preprocessing(.short)) }
  }
}
