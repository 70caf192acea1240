// Files to pixels. The decoding itself is libjpeg-turbo's and libpng's, reached through CTapCodecs;
// this file holds all of the room's unsafe calls to them.

import CTapCodecs

/// JPEG and PNG files to upright RGB.
///
/// The pixels are those of Pillow's `ImageOps.exif_transpose(Image.open(f)).convert("RGB")`, byte for
/// byte when both use libjpeg-turbo, except 16-bit grey PNG: here it keeps the high byte of each sample,
/// as 16-bit colour does in both, where Pillow clips. Alpha is dropped, colour profiles are not applied.
public enum ImageDecoder {
  /// More pixels than this are refused before any memory is taken: 2^28 × 2 / 3, Pillow's limit.
  public static let maximumPixels = 178_956_970
  /// The longest side that is decoded.
  public static let maximumSide = 1_000_000

  /// The JPEG library and its version, e.g. `libjpeg-turbo 2.1.5`: what decoded pixels depend on.
  public static let identity: String = {
    let version = Int(lt_jpeg_library_version())
    guard version > 0 else { return "libjpeg" }
    return "libjpeg-turbo \(version / 1_000_000).\(version / 1000 % 1000).\(version % 1000)"
  }()

  /// Decodes a whole file, recognised by its contents, and turns it upright by its EXIF orientation.
  ///
  /// A file that ends early or contradicts itself is an error, never a picture with grey parts. Memory:
  /// 3 bytes a pixel, twice that while turning, and for progressive JPEG up to 6 more in the library.
  public static func decode(_ bytes: [UInt8]) throws(ImageError) -> RGBImage {
    let image: RGBImage
    let orientation: Orientation
    switch try ImageFormat.detect(bytes) {
    case .jpeg:
      image = try decode(bytes, with: .jpeg)
      orientation = Orientation(jpeg: bytes)
    case .png:
      image = try decode(bytes, with: .png)
      orientation = Orientation(png: bytes)
    }
    return orientation.upright(image)
  }

  private static func decode(_ bytes: [UInt8], with codec: Codec) throws(ImageError) -> RGBImage {
    try unsafe bytes.withUnsafeBufferPointer { file throws(ImageError) in
      try unsafe codec.decode(file)
    }
  }
}

/// One of the two libraries behind one face.
@safe private struct Codec {
  let format: ImageFormat
  let open:
    (
      UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<UInt32>?,
      UnsafeMutablePointer<UInt32>?, UnsafeMutablePointer<lt_codec_result>?
    ) -> Void
  let read: (OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<lt_codec_result>?) -> Void
  let close: (OpaquePointer?) -> Void

  static var jpeg: Codec {
    unsafe Codec(format: .jpeg, open: lt_jpeg_open, read: lt_jpeg_decode, close: lt_jpeg_close)
  }

  static var png: Codec {
    unsafe Codec(format: .png, open: lt_png_open, read: lt_png_decode, close: lt_png_close)
  }

  func decode(_ file: UnsafeBufferPointer<UInt8>) throws(ImageError) -> RGBImage {
    var decoder: OpaquePointer?
    var width: UInt32 = 0
    var height: UInt32 = 0
    var result = lt_codec_result()
    unsafe open(file.baseAddress, file.count, &decoder, &width, &height, &result)
    defer { unsafe close(decoder) }
    try check(result)
    let (w, h) = (Int(width), Int(height))
    guard max(w, h) <= ImageDecoder.maximumSide, w * h <= ImageDecoder.maximumPixels else {
      throw .tooLarge(width: w, height: h)
    }
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: 3 * w * h) { buffer, count in
      unsafe read(decoder, buffer.baseAddress, &result)
      // After a failure the rest is uninitialised; bytes have no invalid values, and nobody reads them.
      count = 3 * w * h
    }
    try check(result)
    return RGBImage(width: w, height: h, pixels: pixels)
  }

  private func check(_ result: lt_codec_result) throws(ImageError) {
    switch result.status {
    case .ok: return
    case .truncated: throw .truncated(format: format)
    case .damaged: throw .damaged(format: format, detail: result.text)
    case .unsupported: throw .unsupportedVariant(format: format, detail: result.text)
    case .out_of_memory: throw .outOfMemory(format: format)
    }
  }
}

extension lt_codec_result {
  /// The library's own words.
  var text: String {
    unsafe withUnsafeBytes(of: message) { message in
      unsafe String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
