// From files to pixels, whole; ImagePreprocessor decodes only the parts that it needs.

import CTapCodecs
import TapProvenance

/// JPEG and PNG files to upright RGB.
///
/// With `alpha: .drop` the pixels are those of Pillow's `ImageOps.exif_transpose(Image.open(f)).convert("RGB")`, byte
/// for byte if both use libjpeg-turbo, except 16-bit gray PNG: here it keeps the high byte of each sample, as 16-bit
/// color does in both, where Pillow clips. Color profiles are not applied. Documentation/Images.md has every case.
public enum ImageDecoder {
  #if LAYERTAP_FUZZING
    /// More pixels are valid, but take too much of the fuzzer's time and memory.
    public static let maximumPixels = 1 << 20
  #else
    /// More pixels than this are refused before any memory is allocated: 2^28 × 2 / 3, Pillow's limit.
    public static let maximumPixels = 178_956_970
  #endif
  /// A larger file is not read. ``maximumPixels`` of 16-bit color have this size without compression.
  public static let maximumBytes = 1 << 30
  /// The longest side that is decoded.
  public static let maximumSide = 1_000_000

  /// The JPEG library and its version, e.g. `libjpeg-turbo 2.1.5`: what decoded pixels depend on.
  public static let identity: String = {
    let version = Int(lt_jpeg_library_version())
    guard version > 0 else { return "libjpeg" }
    return "libjpeg-turbo \(version / 1_000_000).\(version / 1000 % 1000).\(version % 1000)"
  }()

  /// Decodes a whole file at full size, recognized by its contents, and turns it upright by its EXIF orientation.
  ///
  /// A file that ends early or contradicts itself is an error, never an image with gray parts, unless
  /// `decoding.allowsTruncated`. `decoding.mode` is not used: there is no smaller target size. It takes 3 bytes of
  /// memory a pixel, and 6 while it rotates the image; 4 more for an interlaced PNG with alpha, and up to 6 more, in
  /// the library, for a progressive JPEG.
  public static func decode(_ bytes: [UInt8], _ decoding: Decoding = Decoding()) throws(ImageError)
    -> RGBImage
  {
    try ImageFile.open(bytes, decoding) { file throws(ImageError) in
      file.orientation.upright(try file.decode())
    }
  }
}
