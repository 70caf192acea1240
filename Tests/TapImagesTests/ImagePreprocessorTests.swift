// Normalizing, channel order, padding color and bad preprocessing.

import TapImages
import TapProvenance
import Testing

@Suite struct ImagePreprocessorTests {
  private func input(_ preprocessing: Preprocessing, _ image: RGBImage) throws -> [Float] {
    let preprocessor = ImagePreprocessor(preprocessing)
    var values = [Float](repeating: .nan, count: preprocessor.inputCount)
    var span = values.mutableSpan
    try preprocessor.apply(image, into: &span)
    return values
  }

  @Test(arguments: Preprocessing.ResizeRule.allCases, Preprocessing.ChannelOrder.allCases)
  func everyValueIsNormalized(rule: Preprocessing.ResizeRule, channels: Preprocessing.ChannelOrder) throws {
    let image = RGBImage.computed(width: 53, height: 31)
    let preprocessing = Preprocessing(size: 20, resize: rule, channels: channels)
    let pixels = try ImagePreprocessor(preprocessing).pixels(image).pixels
    let values = try input(preprocessing, image)
    #expect(values.count == 20 * 20 * 3)
    for index in values.indices {
      let channel = channels == .rgb ? index % 3 : 2 - index % 3
      let pixel = Double(pixels[index - index % 3 + channel])
      let expected = Float(
        (pixel / 255 - preprocessing.mean[channel]) / preprocessing.standardDeviation[channel])
      #expect(values[index] == expected)
    }
  }

  @Test func anUnscaledMeanIsSubtractedAsItIs() throws {
    let image = RGBImage(width: 1, height: 1, pixels: [200, 100, 50])
    let preprocessing = Preprocessing(
      size: 1, resize: .squash, scale: 1, mean: [123, 117, 104], standardDeviation: [1, 1, 1],
      channels: .bgr)
    #expect(try input(preprocessing, image) == [-54, -17, 77])
  }

  @Test func paddingHasTheMeanColor() throws {
    let image = RGBImage(width: 8, height: 2, pixels: [UInt8](repeating: 255, count: 48))
    let pixels = try ImagePreprocessor(Preprocessing(size: 8, resize: .pad)).pixels(image).pixels
    #expect(Array(pixels[..<3]) == [124, 116, 104])
    #expect(Array(pixels.suffix(3)) == [124, 116, 104])
    #expect(Array(pixels[(3 * 8 * 3)..<(3 * 8 * 3 + 3)]) == [255, 255, 255])
  }

  @Test func badFieldsAreNamed() {
    let image = RGBImage.computed(width: 4, height: 4)
    let bad: [(String, Preprocessing)] = [
      ("size", Preprocessing(size: 0)),
      ("size", Preprocessing(size: 1_000_000)),
      ("crop fraction", Preprocessing(cropFraction: 0)),
      ("crop fraction", Preprocessing(cropFraction: 1.5)),
      ("crop fraction", Preprocessing(cropFraction: .nan)),
      ("crop fraction", Preprocessing(cropFraction: 1e-9)),
      ("scale", Preprocessing(scale: 0)),
      ("mean", Preprocessing(mean: [0, .infinity, 0])),
      ("standard deviation", Preprocessing(standardDeviation: [1, 0, 1])),
    ]
    for (field, preprocessing) in bad {
      do {
        _ = try ImagePreprocessor(preprocessing).pixels(image)
        Issue.record("\(field) passed")
      } catch {
        guard case .invalidPreprocessing(field: field, _, _) = error else {
          Issue.record("\(field): \(error)")
          continue
        }
      }
    }
  }

  @Test func extremeShapesStayWithinBounds() throws {
    for (width, height) in [(1, 5000), (5000, 1), (1, 1), (2, 2)] {
      let image = RGBImage.computed(width: width, height: height)
      for rule in Preprocessing.ResizeRule.allCases {
        let pixels = try ImagePreprocessor(Preprocessing(size: 33, resize: rule)).pixels(image)
        #expect(pixels.pixels.count == 33 * 33 * 3)
      }
    }
  }
}
