// The part of an image that a network gets: resizing by the short side cuts off the ends of the long one, and a margin
// on all sides.

import TapProvenance

/// The part of an upright image that is not cropped away, as shares of its sides.
package struct VisiblePart: Hashable, Sendable {
  /// From 0 to 1, from the image's left edge.
  package let left: Double
  /// From 0 to 1, from the image's top edge.
  package let top: Double
  /// Above 0 and at most 1.
  package let width: Double
  /// Above 0 and at most 1.
  package let height: Double

  /// The share of the image's area that is cropped away.
  package var areaLeftOut: Double { 1 - width * height }

  /// - Parameters:
  ///   - width: of the upright image, in pixels.
  ///   - height: likewise.
  package init(width: Int, height: Int, _ preprocessing: Preprocessing) {
    let geometry = ResizeGeometry(width: width, height: height, for: preprocessing)
    left = Double(geometry.columns.lowerBound) / Double(geometry.width)
    top = Double(geometry.rows.lowerBound) / Double(geometry.height)
    self.width = Double(geometry.columns.count) / Double(geometry.width)
    self.height = Double(geometry.rows.count) / Double(geometry.height)
  }

  /// The part for a file, of which the header is enough.
  ///
  /// - Throws: ``ImageError``, for example if `bytes` end before the sides are known.
  package init(file bytes: [UInt8], _ preprocessing: Preprocessing) throws(ImageError) {
    let sides = try ImageFile.open(bytes, preprocessing.decoding) { file in
      file.orientation.swapsSides ? (file.height, file.width) : (file.width, file.height)
    }
    self.init(width: sides.0, height: sides.1, preprocessing)
  }
}
