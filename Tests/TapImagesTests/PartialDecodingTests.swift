// A preprocessor can compute its input without decoding the whole file. The input equals that from the whole image.
// With fast decoding it is nearly the same.

import TapImages
import TapProvenance
import TestSupport
import Testing

@Suite struct PartialDecodingTests {
  static let large = [
    "jpeg-large-444.jpg", "jpeg-large-422.jpg", "jpeg-large-420.jpg", "jpeg-large-440.jpg",
    "jpeg-large-411.jpg",
    "jpeg-large-420-progressive.jpg", "jpeg-large-grey.jpg", "jpeg-large-cmyk.jpg",
  ]

  /// The file with an added EXIF orientation.
  private static func oriented(_ jpeg: [UInt8], _ orientation: Int) -> [UInt8] {
    let tiff: [UInt8] = [
      0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(orientation), 0, 0,
    ]
    let payload = Array("Exif\0\0".utf8) + tiff + [0, 0, 0, 0]
    return jpeg[..<2] + [0xFF, 0xE1, 0, UInt8(payload.count + 2)] + payload + jpeg[2...]
  }

  /// Compares crops of every size and position that a resize rule makes, in all orientations.
  @Test(arguments: large) func aPartIsThatOfTheWhole(name: String) throws {
    let file = try Reference.fixture(name)
    for orientation in 1...8 {
      let turned = Self.oriented(file, orientation)
      let whole = try ImageDecoder.decode(turned)
      #expect((whole.width < whole.height) == (orientation > 4))
      for rule in Preprocessing.ResizeRule.allCases {
        for (size, fraction) in [(16, 0.2), (33, 0.5), (64, 0.875), (180, 1)] {
          for interpolation in [Preprocessing.Interpolation.box, .bicubic] {
            let preprocessor = ImagePreprocessor(
              Preprocessing(size: size, resize: rule, cropFraction: fraction, interpolation: interpolation))
            #expect(
              try preprocessor.pixels(file: turned) == preprocessor.pixels(whole),
              "\(name) orientation \(orientation), \(rule) \(size) \(fraction) \(interpolation)")
          }
        }
      }
    }
  }

  /// The offsets at which a progressive file's scans end.
  private static func scanEnds(_ jpeg: [UInt8]) -> [Int] {
    var (ends, isInScan): ([Int], Bool) = ([], false)
    for place in 2..<jpeg.count - 1 where jpeg[place] == 0xFF && jpeg[place + 1] != 0 {
      // A marker ends a scan. It begins the tables of the next scan, or the next scan itself.
      if isInScan { ends.append(place) }
      isInScan = jpeg[place + 1] == 0xDA
    }
    return ends
  }

  /// For images with incomplete scans, the library smooths blocks by means of their neighbors, which a crop would cut
  /// off. Fuzzing found this case.
  @Test(arguments: ["jpeg-large-444-progressive.jpg", "jpeg-large-420-progressive.jpg"])
  func missingScansAreSmoothedAlike(name: String) throws {
    let file = try Reference.fixture(name)
    let ends = Self.scanEnds(file)
    #expect(ends.count > 5)
    let few = ends.map { (Array(file[..<$0]) + [0xFF, 0xD9], Decoding()) }
    let cut = stride(from: 1000, to: file.count, by: 1501).map {
      (Array(file[..<$0]), Decoding(allowsTruncated: true))
    }
    for (jpeg, decoding) in few + cut {
      guard let whole = try? ImageDecoder.decode(jpeg, decoding) else { continue }
      for fraction in [0.3, 0.6] {
        let preprocessor = ImagePreprocessor(
          Preprocessing(size: 40, cropFraction: fraction, interpolation: .box, decoding: decoding))
        #expect(
          try preprocessor.pixels(file: jpeg) == preprocessor.pixels(whole),
          "\(jpeg.count) bytes, \(fraction)")
      }
    }
  }

  @Test func orientationCanBeIgnored() throws {
    let file = try Reference.fixture("jpeg-large-420.jpg")
    let ignoring = Decoding(orientation: .ignore)
    #expect(try ImageDecoder.decode(Self.oriented(file, 6), ignoring) == ImageDecoder.decode(file))
    let preprocessor = ImagePreprocessor(Preprocessing(size: 64, decoding: ignoring))
    #expect(try preprocessor.pixels(file: Self.oriented(file, 8)) == preprocessor.pixels(file: file))
  }

  /// The mean absolute difference of the pixel values of two images.
  private func difference(_ a: RGBImage, _ b: RGBImage) -> Double {
    #expect(a.width == b.width && a.height == b.height)
    return zip(a.pixels, b.pixels).reduce(0) { $0 + abs(Double($1.0) - Double($1.1)) }
      / Double(a.pixels.count)
  }

  /// A smooth image is nearly the same after any reduction. A shift by one pixel would show at its edges.
  @Test(arguments: 1...8) func fastDecodingStaysClose(orientation: Int) throws {
    let (width, height) = (640, 426)
    let pixels = (0..<(3 * width * height)).map { i -> UInt8 in
      let (x, y) = (i / 3 % width, i / 3 / width)
      let inside = (x - 200) * (x - 200) + (y - 150) * (y - 150) < 110 * 110
      return UInt8(x * 100 / width + y * 50 / height + (inside ? 90 : 0) + i % 3 * 5)
    }
    let jpeg = try JPEGEncoder.encode(RGBImage(width: width, height: height, pixels: pixels), quality: 95)
    let file = Self.oriented(jpeg, orientation)
    for size in [24, 56, 90, 130] {
      var preprocessing = Preprocessing(size: size)
      let exact = try ImagePreprocessor(preprocessing).pixels(file: file)
      preprocessing.decoding.mode = .fast
      let fast = try ImagePreprocessor(preprocessing).pixels(file: file)
      #expect(fast != exact, "size \(size) is decoded at full size")
      #expect(difference(fast, exact) < 1.5, "size \(size)")
    }
  }

  @Test func fastDecodingLeavesSmallImagesAlone() throws {
    let file = try Reference.fixture("jpeg-large-420.jpg")
    var preprocessing = Preprocessing(size: 100)
    let exact = try ImagePreprocessor(preprocessing).pixels(file: file)
    preprocessing.decoding.mode = .fast
    #expect(try ImagePreprocessor(preprocessing).pixels(file: file) == exact)
  }
}
