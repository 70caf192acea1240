// PNG files of our own: every pixel comes back.

import TapImages
import TestSupport
import Testing

@Suite struct PNGEncoderTests {
  @Test(arguments: [(1, 1), (7, 3), (224, 224), (640, 1), (1, 300)])
  func pixelsComeBack(width: Int, height: Int) throws {
    // Noise does not compress, so the file needs nearly all of the memory.
    let noise = RGBImage.computed(width: width, height: height)
    let file = try PNGEncoder.encode(noise)
    #expect(try ImageDecoder.decode(file) == noise)
    let plain = RGBImage(
      width: width, height: height, pixels: [UInt8](repeating: 200, count: 3 * width * height))
    let small = try PNGEncoder.encode(plain)
    #expect(try ImageDecoder.decode(small) == plain)
    #expect(width * height < 10_000 || small.count < file.count / 2)
  }

  @Test func whatTheLibraryDoesNotWriteIsAnError() throws {
    let wide = RGBImage(width: 1_000_001, height: 1, pixels: [UInt8](repeating: 0, count: 3_000_003))
    do {
      _ = try PNGEncoder.encode(wide)
      Issue.record("1,000,001 columns were encoded")
    } catch {
      guard case .notEncodable(.png, _) = error else { throw error }
    }
  }

  /// A program without LayerTap and without libpng reads the file.
  @Test(.needs(.numPy)) func anotherProgramReadsTheFile() throws {
    let image = RGBImage.computed(width: 5, height: 4)
    let file = try PNGEncoder.encode(image)
    let script = """
      import sys, zlib
      data = bytes(int(word) for word in sys.argv[1].split(","))
      assert data[:8] == b"\\x89PNG\\r\\n\\x1a\\n"
      at, parts, types = 8, b"", []
      while at < len(data):
          length, name = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
          body = data[at + 8:at + 8 + length]
          assert int.from_bytes(data[at + 8 + length:at + 12 + length], "big") == zlib.crc32(name + body)
          parts += body if name == b"IDAT" else b""
          types.append(name.decode())
          if name == b"IHDR": print(int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big"), *body[8:])
          at += 12 + length
      print(types[0], types[-1], len(zlib.decompress(parts)))
      """
    let run = try Python.run(script, [file.map(String.init).joined(separator: ",")])
    #expect(run.output == "5 4 8 2 0 0 0\nIHDR IEND 64\n", "\(run.errors)")
  }
}
