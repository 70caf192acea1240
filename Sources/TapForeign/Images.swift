// Images that the caller passes.

import CTapForeign
import LayerTap

/// The caller's images. An element is copied from the caller's memory when it is requested.
@safe struct CallerImages: RandomAccessCollection, @unchecked Sendable {
  private let images: UnsafeBufferPointer<layertap_image>
  let startIndex = 0
  let endIndex: Int

  /// Checks all images.
  ///
  /// - Throws: ``ForeignError``.
  init(_ images: UnsafePointer<layertap_image>?, _ count: Int) throws {
    guard unsafe images != nil || count == 0 else { throw ForeignError.null("images") }
    guard count >= 0, count < 1 << 40 else {
      throw ForeignError.argument("count", problem: "\(UInt(bitPattern: count)) images are more than memory can hold")
    }
    unsafe self.images = UnsafeBufferPointer(start: images, count: count)
    endIndex = count
    for index in 0..<count { try unsafe Self.check(self.images[index], "image \(index)") }
  }

  private static func check(_ image: layertap_image, _ name: String) throws {
    let (data, size) = unsafe (image.data, image.size)
    func refuse(_ problem: String) -> ForeignError { .argument(name, problem: problem) }
    guard unsafe data != nil || image.kind == LAYERTAP_IMAGE_ENCODED && size == 0 else {
      throw ForeignError.null("\(name), data")
    }
    switch unsafe image.kind {
    case LAYERTAP_IMAGE_PATH, LAYERTAP_IMAGE_ENCODED:
      guard size >= 0 else { throw refuse("the size is beyond 2^63 - 1") }
      guard unsafe image.width == 0, unsafe image.height == 0, unsafe image.row_stride == 0 else {
        throw refuse("width, height and row_stride are for pixels, and must be 0 for a path or a file's bytes")
      }
      if unsafe image.kind == LAYERTAP_IMAGE_PATH {
        _ = try unsafe String(filled: data?.assumingMemoryBound(to: CChar.self), size, "\(name), path")
      } else if size > ImageDecoder.maximumBytes {
        throw refuse("a file of \(size) bytes; at most \(ImageDecoder.maximumBytes) are read")
      }
    case LAYERTAP_IMAGE_RGB:
      let (width, height, stride) = unsafe (image.width, image.height, image.row_stride)
      guard size == 0 else { throw refuse("size is for paths and files, and must be 0 for pixels") }
      guard (1...65535).contains(width), (1...65535).contains(height),
        width * height <= ImageDecoder.maximumPixels
      else {
        throw refuse(
          "\(UInt(bitPattern: width)) x \(UInt(bitPattern: height)) pixels; each side must be from 1 to 65535, and there may "
            + "be \(ImageDecoder.maximumPixels) in all"
        )
      }
      guard stride == 0 || stride >= 3 * width || stride <= -3 * width, stride.magnitude <= 1 << 40 else {
        throw refuse("rows of \(width) pixels have \(3 * width) bytes, and the row stride is \(stride)")
      }
    default:
      throw refuse(
        "the kind is \(unsafe image.kind); expected LAYERTAP_IMAGE_PATH, LAYERTAP_IMAGE_ENCODED or LAYERTAP_IMAGE_RGB")
    }
  }

  subscript(index: Int) -> ImageInput {
    let image = unsafe images[index]
    let data = unsafe UnsafeRawBufferPointer(start: image.data, count: image.size)
    switch unsafe image.kind {
    case LAYERTAP_IMAGE_PATH: return unsafe .file(String(decoding: data, as: UTF8.self))
    case LAYERTAP_IMAGE_ENCODED: return unsafe .encoded(Array(data))
    default:
      let (width, height) = unsafe (image.width, image.height)
      let stride = unsafe image.row_stride == 0 ? 3 * width : Int(image.row_stride)
      var pixels: [UInt8] = []
      pixels.reserveCapacity(3 * width * height)
      for row in 0..<height {
        guard let start = unsafe image.data?.advanced(by: row * stride) else { break }
        unsafe pixels.append(contentsOf: UnsafeRawBufferPointer(start: start, count: 3 * width))
      }
      return .pixels(RGBImage(width: width, height: height, pixels: pixels))
    }
  }

  /// The paths of the images.
  ///
  /// - Throws: ``ForeignError/argument(_:problem:)`` for an image that is not in a file.
  var paths: [String] {
    get throws {
      try enumerated().map { index, image in
        guard case .file(let path) = image else {
          throw ForeignError.argument(
            "image \(index)", problem: "a store keeps images of files only: expected LAYERTAP_IMAGE_PATH")
        }
        return path
      }
    }
  }
}
