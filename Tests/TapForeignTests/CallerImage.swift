// Images that tests pass to the C face.

import CTapForeign
import TapForeign
import Testing

/// An image in the test's memory.
enum CallerImage {
  case path(String)
  case encoded([UInt8])
  /// Rows of pixels, each with `gap` more bytes; from the last row up if `isReversed`.
  case pixels(width: Int, height: Int, samples: [UInt8], gap: Int = 0, isReversed: Bool = false)

  /// The bytes in memory.
  fileprivate var bytes: [UInt8] {
    switch self {
    case .path(let path): return Array(path.utf8)
    case .encoded(let bytes): return bytes
    case .pixels(let width, let height, let samples, let gap, let isReversed):
      let rows = (0..<height).map { samples[3 * width * $0..<3 * width * ($0 + 1)] + [UInt8](repeating: 9, count: gap) }
      return (isReversed ? rows.reversed() : rows).flatMap(\.self)
    }
  }

  fileprivate func image(_ start: UnsafeRawPointer?, _ count: Int) -> layertap_image {
    switch self {
    case .path:
      unsafe layertap_image(kind: LAYERTAP_IMAGE_PATH, data: start, size: count, width: 0, height: 0, row_stride: 0)
    case .encoded:
      unsafe layertap_image(kind: LAYERTAP_IMAGE_ENCODED, data: start, size: count, width: 0, height: 0, row_stride: 0)
    case .pixels(let width, let height, _, let gap, let isReversed):
      unsafe layertap_image(
        kind: LAYERTAP_IMAGE_RGB,
        data: isReversed ? start.map { unsafe $0 + (height - 1) * (3 * width + gap) } : start, size: 0,
        width: width, height: height, row_stride: Int64(isReversed ? -(3 * width + gap) : 3 * width + gap))
    }
  }
}

/// Passes images to a call.
@safe func withImages<Result>(
  _ images: [CallerImage], _ body: (UnsafePointer<layertap_image>?, Int) throws -> Result
) throws -> Result {
  let parts = images.map(\.bytes)
  let memory = parts.flatMap(\.self)
  return try unsafe memory.withUnsafeBytes { memory in
    var place = 0
    var list: [layertap_image] = unsafe []
    for (image, part) in zip(images, parts) {
      unsafe list.append(image.image(memory.baseAddress.map { unsafe $0 + place }, part.count))
      place += part.count
    }
    return try unsafe list.withUnsafeBufferPointer { try unsafe body($0.baseAddress, $0.count) }
  }
}
