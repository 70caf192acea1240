// A file that ends early gives an error. If such files are allowed, it gives an image that begins as the whole image
// does.

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

  /// A file that is cut at any offset gives an image, or an error if its header is incomplete.
  @Test(arguments: [
    "jpeg-420.jpg", "jpeg-progressive.jpg", "jpeg-large-420-progressive.jpg", "jpeg-cmyk.jpg",
    "png-rgb-interlaced.png",
    "png-palette-transparent.png",
  ]) func aCutAnywhereIsAImageOrAnError(name: String) throws {
    let file = try Reference.fixture(name)
    var images = 0
    for count in stride(from: 0, to: file.count, by: 7) {
      let cut = Array(file.prefix(count))
      if (try? ImageDecoder.decode(cut, allowing)) != nil { images += 1 }
    }
    #expect(images > file.count / 7 / 8)
    // A file that is no image still gives an error.
    #expect(throws: ImageError.self) { try ImageDecoder.decode(Array("no image".utf8), allowing) }
  }
}
