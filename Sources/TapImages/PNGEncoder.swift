// Writes pixels as PNG files through CTapCodecs.

import CTapCodecs

/// Writes PNG files of 8-bit RGB, which keep every pixel.
package enum PNGEncoder {
  /// - Throws: ``ImageError/notEncodable(format:detail:)`` if a side is above libpng's limit of 1,000,000;
  ///   ``ImageError/outOfMemory(format:)``.
  package static func encode(_ image: RGBImage) throws(ImageError) -> [UInt8] {
    var result = lt_codec_result()
    // A row has one more byte for its filter. Rows that do not compress grow by less than 1/256; 4096 bytes are more
    // than all other chunks need.
    let count = (3 * image.width + 1) * image.height
    let capacity = count + count / 256 + 4096
    let file = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      count = unsafe image.pixels.withUnsafeBufferPointer { pixels in
        unsafe lt_png_encode(
          pixels.baseAddress, UInt32(image.width), UInt32(image.height), buffer.baseAddress, capacity, &result)
      }
    }
    try result.requireEncoded(.png)
    return file
  }
}
