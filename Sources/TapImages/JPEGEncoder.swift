// Writes pixels as JPEG files through CTapCodecs. These files are only for people to look at; features are never
// computed from them.

import CTapCodecs

/// Writes baseline JPEG files whose chroma has half the resolution.
package enum JPEGEncoder {
  /// - Parameter quality: the quality from 1 to 100, on the library's scale.
  /// - Throws: ``ImageError/notEncodable(format:detail:)`` if a side is above 65,500;
  ///   ``ImageError/outOfMemory(format:)``.
  package static func encode(_ image: RGBImage, quality: Int = 80) throws(ImageError) -> [UInt8] {
    precondition((1...100).contains(quality), "a quality of \(quality)")
    var result = lt_codec_result()
    // libjpeg-turbo's own upper bound for the size of an encoded image.
    let capacity = 6 * ((image.width + 15) & ~15) * ((image.height + 15) & ~15) + 2048
    let file = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      count = unsafe image.pixels.withUnsafeBufferPointer { pixels in
        unsafe lt_jpeg_encode(
          pixels.baseAddress, UInt32(image.width), UInt32(image.height), Int32(quality), buffer.baseAddress,
          capacity, &result)
      }
    }
    try result.requireEncoded(.jpeg)
    return file
  }
}
