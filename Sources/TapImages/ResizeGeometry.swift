// Places an image of any shape in a square input. The sides and offsets are rounded as in torchvision (short, squash,
// squash-crop), in Pillow's `ImageOps.pad` (pad), or in timm (border).

import TapProvenance

/// A resize to `width` × `height`. A square of `size` is then cut out of the resized image, or padding is added up to a
/// square.
struct ResizeGeometry: Equatable {
  /// The width after resizing; `height` is the height.
  let width: Int
  let height: Int
  /// The columns of the resized image that are used; `rows` has the rows.
  let columns: Range<Int>
  let rows: Range<Int>
  /// The first column of the used part in the square; 0 without padding. `top` is the first row.
  let left: Int
  let top: Int

  init(width: Int, height: Int, for preprocessing: Preprocessing) {
    let size = preprocessing.size
    let scaled = Int((Double(size) / preprocessing.cropFraction).rounded(.down))
    switch preprocessing.resize {
    case .short:
      // The longer side is rounded down, as by torchvision's `Resize`.
      let short = max(size, scaled)
      self.width = width <= height ? short : short * width / height
      self.height = width <= height ? short * height / width : short
      left = 0
      top = 0
      let firstColumn = ResizeGeometry.halved(self.width - size)
      let firstRow = ResizeGeometry.halved(self.height - size)
      columns = firstColumn..<(firstColumn + size)
      rows = firstRow..<(firstRow + size)
    case .squash:
      self.width = size
      self.height = size
      left = 0
      top = 0
      columns = 0..<size
      rows = 0..<size
    case .squashAndCrop:
      self.width = max(size, scaled)
      self.height = self.width
      left = 0
      top = 0
      let first = ResizeGeometry.halved(self.width - size)
      columns = first..<(first + size)
      rows = columns
    case .border:
      // The sizes are those of timm's ResizeKeepRatio and CenterCropOrPad.
      let long = max(size, scaled)
      let ratio = max(Double(height) / Double(long), Double(width) / Double(long))
      func side(_ side: Int) -> Int { max(1, Int((Double(side) / ratio).rounded(.toNearestOrEven))) }
      self.width = side(width)
      self.height = side(height)
      (columns, left) = ResizeGeometry.centered(self.width, in: size)
      (rows, top) = ResizeGeometry.centered(self.height, in: size)
    case .pad:
      let ratio = width >= height ? Double(height) / Double(width) : Double(width) / Double(height)
      let short = max(1, Int((ratio * Double(size)).rounded(.toNearestOrEven)))
      self.width = width >= height ? size : short
      self.height = width >= height ? short : size
      columns = 0..<self.width
      rows = 0..<self.height
      left = ResizeGeometry.halved(size - self.width)
      top = ResizeGeometry.halved(size - self.height)
    }
  }

  /// The part of a side that the square contains, and the start of this part in the square. If the padding is odd, the
  /// larger half is after the part.
  private static func centered(_ side: Int, in size: Int) -> (part: Range<Int>, first: Int) {
    guard side > size else { return (0..<side, (size - side) / 2) }
    let first = halved(side - size)
    return (first..<(first + size), 0)
  }

  /// `round(n / 2)`, where ties are rounded to even, as in Python.
  private static func halved(_ n: Int) -> Int { Int((Double(n) / 2).rounded(.toNearestOrEven)) }
}
