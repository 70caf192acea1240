// Computes the part of an image that a network gets. A resize by the short side cuts off the ends of the long side, and
// a crop cuts off a margin on all sides.

import TapProvenance

/// The part of an upright image that remains after the crop, as fractions of the image's sides.
package struct VisiblePart: Hashable, Sendable {
  /// The left edge of the part, from 0 to 1, measured from the left edge of the image.
  package let left: Double
  /// The top edge of the part, from 0 to 1, measured from the top edge of the image.
  package let top: Double
  /// The width of the part, above 0 and up to 1.
  package let width: Double
  /// The height of the part, above 0 and up to 1.
  package let height: Double

  /// The fraction of the image's area that is cropped away.
  package var areaLeftOut: Double { 1 - width * height }

  /// - Parameters:
  ///   - width: the width of the upright image, in pixels.
  ///   - height: the height of the upright image, in pixels.
  package init(width: Int, height: Int, _ preprocessing: Preprocessing) {
    let geometry = ResizeGeometry(width: width, height: height, for: preprocessing)
    left = Double(geometry.columns.lowerBound) / Double(geometry.width)
    top = Double(geometry.rows.lowerBound) / Double(geometry.height)
    self.width = Double(geometry.columns.count) / Double(geometry.width)
    self.height = Double(geometry.rows.count) / Double(geometry.height)
  }

  /// The part that the network gets of the image in a file. Only the header of the file is read.
  ///
  /// - Throws: ``ImageError``, for example if `bytes` has no complete header.
  package init(file bytes: [UInt8], _ preprocessing: Preprocessing) throws(ImageError) {
    let sides = try ImageFile.open(bytes, preprocessing.decoding) { file in
      file.orientation.swapsSides ? (file.height, file.width) : (file.width, file.height)
    }
    self.init(width: sides.0, height: sides.1, preprocessing)
  }
}
