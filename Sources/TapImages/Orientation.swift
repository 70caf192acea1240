// The turn that makes an image upright: the values of the EXIF tag, and the function that turns pixels.

/// The turn that makes a stored image upright. The raw value is the EXIF tag 0x0112 (EXIF 2.32), which gives the
/// positions of the stored image's first row and first column.
package enum Orientation: Int, CaseIterable, Sendable {
  case upright = 1
  case mirrored
  case upsideDown
  case upsideDownMirrored
  case transposed
  case turnClockwise
  case transversed
  case turnCounterclockwise

  /// Whether rows of the stored image become columns of the upright image.
  package var swapsSides: Bool { rawValue >= 5 }

  /// Whether the left side of the upright image is the last column or the last row of the stored image.
  var mirrorsColumns: Bool {
    switch self {
    case .mirrored, .upsideDown, .turnClockwise, .transversed: true
    case .upright, .upsideDownMirrored, .transposed, .turnCounterclockwise: false
    }
  }

  /// Whether the upper side of the upright image is the last column or the last row of the stored image.
  var mirrorsRows: Bool {
    switch self {
    case .upsideDown, .upsideDownMirrored, .transversed, .turnCounterclockwise: true
    case .upright, .mirrored, .transposed, .turnClockwise: false
    }
  }

  /// The part of the stored image, in `columns` and `rows`, that becomes the given part of the upright image. The
  /// stored image has `width` × `height` pixels.
  func stored(
    columns: Range<Int>, rows: Range<Int>, width: Int, height: Int
  ) -> (columns: Range<Int>, rows: Range<Int>) {
    func mirrored(_ range: Range<Int>, in count: Int) -> Range<Int> {
      (count - range.upperBound)..<(count - range.lowerBound)
    }
    return switch self {
    case .upright: (columns, rows)
    case .mirrored: (mirrored(columns, in: width), rows)
    case .upsideDown: (mirrored(columns, in: width), mirrored(rows, in: height))
    case .upsideDownMirrored: (columns, mirrored(rows, in: height))
    case .transposed: (rows, columns)
    case .turnClockwise: (rows, mirrored(columns, in: height))
    case .transversed: (mirrored(rows, in: width), mirrored(columns, in: height))
    case .turnCounterclockwise: (mirrored(rows, in: width), columns)
    }
  }

  /// Turns a stored image upright. The turn takes one pass over the pixels, and no work for `.upright`.
  package func upright(_ image: RGBImage) -> RGBImage {
    if self == .upright { return image }
    let (w, h) = (image.width, image.height)
    let width = swapsSides ? h : w
    let height = swapsSides ? w : h
    // The pixel at (x, y) of the upright image is the stored pixel at origin + x * right + y * down.
    let (origin, right, down): (Int, Int, Int) =
      switch self {
      case .upright: (0, 1, w)
      case .mirrored: (w - 1, -1, w)
      case .upsideDown: (w * h - 1, -1, -w)
      case .upsideDownMirrored: (w * (h - 1), 1, -w)
      case .transposed: (0, w, 1)
      case .turnClockwise: (w * (h - 1), -w, 1)
      case .transversed: (w * h - 1, -w, -1)
      case .turnCounterclockwise: (w - 1, w, -1)
      }
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: 3 * w * h) { target, count in
      unsafe image.pixels.withUnsafeBufferPointer { source in
        // Pixels are copied in squares, so that neighbors are close in memory in both images.
        let tile = 32
        for top in stride(from: 0, to: height, by: tile) {
          for left in stride(from: 0, to: width, by: tile) {
            for y in top..<min(top + tile, height) {
              for x in left..<min(left + tile, width) {
                let from = 3 * (origin + x * right + y * down)
                let to = 3 * (y * width + x)
                unsafe target[to] = source[from]
                unsafe target[to + 1] = source[from + 1]
                unsafe target[to + 2] = source[from + 2]
              }
            }
          }
        }
      }
      count = 3 * w * h
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }
}
