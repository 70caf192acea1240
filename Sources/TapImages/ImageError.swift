// Errors of image files, and the texts of these errors. The caller puts the file's name before the text.

/// The reason why bytes could not become pixels, or pixels could not become a network's input.
public enum ImageError: Error, Equatable, CustomStringConvertible {
  /// The file has no bytes.
  case empty
  /// The first bytes are not those of a known image format; `looksLike` is the probable kind of the file.
  case notAnImage(looksLike: String)
  /// The format of the image is recognized, but this program cannot decode it.
  case unsupportedFormat(String)
  /// The file is a JPEG or PNG of a kind that cannot be decoded; `detail` is the library's text.
  case unsupportedVariant(format: ImageFormat, detail: String)
  /// The file ends before the end of its image.
  case truncated(format: ImageFormat)
  /// The file contradicts its format; `detail` is the library's text.
  case damaged(format: ImageFormat, detail: String)
  /// The image has more pixels than ``ImageDecoder/maximumPixels``, or a side above ``ImageDecoder/maximumSide``.
  case tooLarge(width: Int, height: Int)
  /// The decoded image needs more memory than is available.
  case outOfMemory(format: ImageFormat)
  /// The image cannot be written in this format; `detail` is the library's text.
  case notEncodable(format: ImageFormat, detail: String)
  /// The number of samples in memory differs from the number of samples of an image with these sides.
  case pixelCount(width: Int, height: Int, found: Int)
  /// A field of `Preprocessing` is outside its range.
  case invalidPreprocessing(field: String, value: String, expected: String)

  public var description: String {
    switch self {
    case .empty:
      "the file is empty; expected a JPEG or PNG image"
    case .notAnImage(let looksLike):
      "not an image: the contents look like \(looksLike); expected JPEG or PNG"
    case .unsupportedFormat(let name):
      "\(name) images are not supported; convert the file to JPEG or PNG"
    case .unsupportedVariant(let format, let detail):
      "this kind of \(format) is not supported (\(detail)); convert it to an ordinary JPEG or PNG"
    case .truncated(let format):
      "the \(format) file is truncated: it ends before the image does; copy or download it again"
    case .damaged(let format, let detail):
      "the \(format) file is damaged (\(detail)); copy or download it again"
    case .tooLarge(let width, let height):
      "\(width)x\(height) pixels are too many: the limits are \(ImageDecoder.maximumPixels) pixels "
        + "and \(ImageDecoder.maximumSide) a side; scale the image down"
    case .outOfMemory(let format):
      "not enough memory to decode the \(format) file"
    case .notEncodable(let format, let detail):
      "the image cannot be written as \(format) (\(detail))"
    case .pixelCount(let width, let height, let found):
      "\(found) samples for \(width)x\(height) pixels; give three a pixel, red, green and blue, row by row"
    case .invalidPreprocessing(let field, let value, let expected):
      "preprocessing \(field) is \(value); expected \(expected)"
    }
  }
}
