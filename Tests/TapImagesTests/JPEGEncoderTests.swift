// Small images for reports: an encoded image of any shape decodes to nearly the same image.

import TapImages
import TestSupport
import Testing

@Suite struct JPEGEncoderTests {
  /// An image without detail that JPEG would lose. Red increases from left to right, and green from top to bottom.
  private func gradient(_ width: Int, _ height: Int) -> RGBImage {
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width { pixels += [UInt8(x * 255 / max(width, 1)), UInt8(y * 255 / max(height, 1)), 128] }
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }

  private func meanDifference(_ a: RGBImage, _ b: RGBImage) -> Double {
    let sum = zip(a.pixels, b.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    return Double(sum) / Double(a.pixels.count)
  }

  @Test(arguments: [(1, 1), (7, 3), (16, 16), (17, 33), (128, 96), (640, 1)])
  func imagesComeBack(width: Int, height: Int) throws {
    let image = gradient(width, height)
    let file = try JPEGEncoder.encode(image, quality: 95)
    #expect(file.starts(with: [0xFF, 0xD8, 0xFF]) && file.suffix(2) == [0xFF, 0xD9])
    let decoded = try ImageDecoder.decode(file)
    #expect(decoded.width == width && decoded.height == height)
    // Tiny images have steep gradients, which the halved chroma blurs.
    #expect(meanDifference(image, decoded) < (min(width, height) < 8 ? 24 : 4))
    #expect(try JPEGEncoder.encode(image, quality: 95) == file)
  }

  @Test(arguments: [1, 50, 100]) func noiseFitsIntoTheRoomGiven(quality: Int) throws {
    for side in [1, 8, 15, 16, 17, 200] {
      let noise = RGBImage.computed(width: side, height: side)
      let file = try JPEGEncoder.encode(noise, quality: quality)
      #expect(try ImageDecoder.decode(file).width == side)
    }
  }

  @Test func whatTheFormatCannotHoldIsAnError() throws {
    let wide = RGBImage(width: 65_536, height: 1, pixels: [UInt8](repeating: 0, count: 3 * 65_536))
    do {
      _ = try JPEGEncoder.encode(wide)
      Issue.record("65,536 columns were encoded")
    } catch {
      guard case .notEncodable(.jpeg, let detail) = error else { throw error }
      #expect(detail.contains("65500"))
      #expect("\(error)".hasPrefix("the image cannot be written as JPEG ("))
    }
  }

  @Test func thumbnailsKeepTheShapeAndStandUpright() throws {
    // A JPEG of 600x300 pixels that EXIF turns by a quarter.
    let image = gradient(600, 300)
    let landscape = try Thumbnail(JPEGEncoder.encode(image))
    #expect(landscape.width == 128 && landscape.height == 64)
    let small = try ImageDecoder.decode(landscape.jpeg)
    #expect(small.width == 128 && small.height == 64)
    #expect(meanDifference(small, gradient(128, 64)) < 4)

    let turned = try Thumbnail(Reference.fixture("exif-6.jpg"), longestSide: 16)
    let upright = try ImageDecoder.decode(Reference.fixture("exif-6.jpg"))
    #expect((turned.width < turned.height) == (upright.width < upright.height))
    #expect(max(turned.width, turned.height) == 16)
    #expect(try Thumbnail(Reference.fixture("exif-6.jpg"), longestSide: 4000).width == upright.width)
    let thread = try Thumbnail(JPEGEncoder.encode(gradient(3000, 2)))
    #expect(thread.width == 128 && thread.height == 1)
  }

  @Test func filesThatAreNoImageAreErrors() {
    #expect(throws: ImageError.empty) { try Thumbnail([]) }
    #expect(throws: ImageError.truncated(format: .jpeg)) {
      try Thumbnail(Array(Reference.fixture("jpeg-420.jpg").dropLast(40)))
    }
  }
}
