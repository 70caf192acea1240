// Files that end early: errors, or, where they are allowed, pictures whose beginning is the whole's.

import TapImages
import TapProvenance
import Testing

@Suite struct TruncatedFileTests {
  private let allowing = Decoding(allowsTruncated: true)

  @Test(arguments: ["jpeg-large-420.jpg", "jpeg-large-cmyk.jpg", "png-1x5000.png", "png-rgb-alpha.png"])
  func theBeginningIsThatOfTheWhole(name: String) throws {
    let file = try Reference.fixture(name)
    let whole = try ImageDecoder.decode(file)
    let cut = Array(file.prefix(file.count * 3 / 4))
    #expect(throws: ImageError.self) { try ImageDecoder.decode(cut) }
    #expect(throws: ImageError.self) { try ImagePreprocessor(Preprocessing(size: 32)).pixels(file: cut) }
    let part = try ImageDecoder.decode(cut, allowing)
    #expect(part.width == whole.width && part.height == whole.height)
    let same = zip(part.pixels, whole.pixels).prefix { $0 == $1 }.count
    #expect(same >= whole.pixels.count / 3, "\(same) of \(whole.pixels.count) samples are the whole's")
    #expect(part != whole)
    let square = try ImagePreprocessor(Preprocessing(size: 32, decoding: allowing)).pixels(file: cut)
    #expect(try square == ImagePreprocessor(Preprocessing(size: 32)).pixels(part))
  }

  /// Wherever it is cut: a picture, or an error where the header is not whole.
  @Test(arguments: [
    "jpeg-420.jpg", "jpeg-progressive.jpg", "jpeg-large-420-progressive.jpg", "jpeg-cmyk.jpg",
    "png-rgb-interlaced.png",
    "png-palette-transparent.png",
  ]) func aCutAnywhereIsAPictureOrAnError(name: String) throws {
    let file = try Reference.fixture(name)
    var pictures = 0
    for count in stride(from: 0, to: file.count, by: 7) {
      let cut = Array(file.prefix(count))
      if (try? ImageDecoder.decode(cut, allowing)) != nil { pictures += 1 }
    }
    #expect(pictures > file.count / 7 / 8)
    // Damage stays an error.
    #expect(throws: ImageError.self) { try ImageDecoder.decode(Array("no picture".utf8), allowing) }
  }
}
