// What can be wrong with an image file, and how it is said. The caller knows the file's name and puts
// it in front.

/// Why bytes did not become pixels, or pixels did not become a network's input.
public enum ImageError: Error, Equatable, CustomStringConvertible {
  /// There are no bytes at all.
  case empty
  /// The bytes begin like no image known here; `looksLike` says what they do look like.
  case notAnImage(looksLike: String)
  /// An image in a format that is recognised, but not decoded.
  case unsupportedFormat(String)
  /// JPEG or PNG of a kind that is not decoded, in the library's words.
  case unsupportedVariant(format: ImageFormat, detail: String)
  /// The file ends before its picture does.
  case truncated(format: ImageFormat)
  /// The file contradicts its format, in the library's words.
  case damaged(format: ImageFormat, detail: String)
  /// More pixels than `ImageDecoder.maximumPixels`, or a side above `ImageDecoder.maximumSide`.
  case tooLarge(width: Int, height: Int)
  /// There was no memory for the decoded picture.
  case outOfMemory(format: ImageFormat)
  /// A picture that cannot be written in this format, in the library's words.
  case notEncodable(format: ImageFormat, detail: String)
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
      "the \(format) file is truncated: it ends before the picture does; copy or download it again"
    case .damaged(let format, let detail):
      "the \(format) file is damaged (\(detail)); copy or download it again"
    case .tooLarge(let width, let height):
      "\(width)x\(height) pixels are too many: the limits are \(ImageDecoder.maximumPixels) pixels "
        + "and \(ImageDecoder.maximumSide) a side; scale the picture down"
    case .outOfMemory(let format):
      "not enough memory to decode the \(format) file"
    case .notEncodable(let format, let detail):
      "the picture cannot be written as \(format) (\(detail))"
    case .invalidPreprocessing(let field, let value, let expected):
      "preprocessing \(field) is \(value); expected \(expected)"
    }
  }
}
