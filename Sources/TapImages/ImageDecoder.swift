// Decodes whole image files to pixels. ``ImagePreprocessor`` decodes only the parts that it needs.

import CTapCodecs
import TapProvenance

/// Decodes JPEG and PNG files to upright RGB images.
///
/// With `alpha: .drop`, the pixels are those of Pillow's `ImageOps.exif_transpose(Image.open(f)).convert("RGB")`, byte
/// for byte if Pillow also uses libjpeg-turbo. The exception is 16-bit gray PNG: this decoder keeps the high byte of
/// each sample, but Pillow clips the samples. For 16-bit color, both keep the high byte. Color profiles are not
/// applied. Documentation/Images.md has every case.
public enum ImageDecoder {
  #if LAYERTAP_FUZZING
    /// Larger images are valid, but take too much of the fuzzer's time and memory.
    public static let maximumPixels = 1 << 20
  #else
    /// The largest number of pixels, 2^28 × 2 / 3, as in Pillow. A larger image is refused before memory is allocated.
    public static let maximumPixels = 178_956_970
  #endif
  /// The largest size of a file that is read. An uncompressed image of ``maximumPixels`` in 16-bit color has this size.
  public static let maximumBytes = 1 << 30
  /// The longest side of an image that is decoded.
  public static let maximumSide = 1_000_000

  /// The name and version of the JPEG library, for example `libjpeg-turbo 2.1.5`. Decoded pixels depend on both.
  ///
  /// Libraries that decode probe images to the pixels of `libjpeg-turbo 2.1.5` have this text, whatever their version
  /// is.
  public static let identity = DecoderIdentity.text(pixels: DecoderIdentity.pixels(), version: libraryVersion)

  /// The name and version of the JPEG library by the header that was compiled.
  package static var libraryVersion: String {
    let version = Int(lt_jpeg_library_version())
    guard version > 0 else { return "libjpeg" }
    return "libjpeg-turbo \(version / 1_000_000).\(version / 1000 % 1000).\(version % 1000)"
  }

  /// Decodes a whole file at full size and turns the image upright by its EXIF orientation. The format is recognized by
  /// the contents of the file.
  ///
  /// A file that ends early or is damaged causes an error, unless `decoding.allowsTruncated` is true. So by default no
  /// image with gray parts is returned. `decoding.mode` is not used, since this function has no target size. For each
  /// pixel, decoding takes 3 bytes of memory, and 6 bytes while the image is rotated. An interlaced PNG with alpha
  /// takes 4 bytes more for each pixel. For a progressive JPEG, the library takes up to 6 bytes more for each pixel.
  public static func decode(_ bytes: [UInt8], _ decoding: Decoding = Decoding()) throws(ImageError)
    -> RGBImage
  {
    try ImageFile.open(bytes, decoding) { file throws(ImageError) in
      file.orientation.upright(try file.decode())
    }
  }
}
