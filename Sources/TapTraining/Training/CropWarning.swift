// Reports a crop that omits much of the images. Such a crop lowers the accuracy if images are long.

import TapFeatures
import TapFileSystem
import TapImages
import TapProvenance
import TapText

/// The share of the images' area that the crop omits.
package struct CropWarning {
  /// The median over the images. The value of an image is the share of its area that the crop omits.
  package let median: Double
  /// The number of measured images.
  package let count: Int

  /// The maximum number of measured images. The measured images are spread evenly over the list.
  private static let limit = 500
  /// The number of bytes read first. These bytes usually hold the sides and the orientation, which come before the
  /// pixels. Otherwise up to `largestHeader` bytes are read.
  private static let headerBytes = 1 << 18
  private static let largestHeader = 1 << 24

  /// Measures images of a list; nil if no image can be read.
  package init?(_ list: ImageList, _ preprocessing: Preprocessing) {
    let items = list.items
    let count = min(items.count, Self.limit)
    let shares = (0..<count).compactMap { index in
      Self.areaLeftOut(list.location(of: items[index * items.count / count]), preprocessing)
    }.sorted()
    guard !shares.isEmpty else { return nil }
    median = (shares[(shares.count - 1) / 2] + shares[shares.count / 2]) / 2
    self.count = shares.count
  }

  private static func areaLeftOut(_ path: String, _ preprocessing: Preprocessing) -> Double? {
    if FileSystem.tarParts(path) != nil {
      let bytes = try? FileSystem.readFile(path, atMost: ImageDecoder.maximumBytes)
      return bytes.flatMap { try? VisiblePart(file: $0, preprocessing).areaLeftOut }
    }
    guard let status = try? FileSystem.status(path), status.isRegularFile,
      let file = try? File(reading: path),
      let header = try? file.read(at: 0, count: min(status.size, headerBytes))
    else { return nil }
    if let part = try? VisiblePart(file: header, preprocessing) { return part.areaLeftOut }
    guard status.size > headerBytes,
      let longer = try? file.read(at: 0, count: min(status.size, largestHeader))
    else { return nil }
    return (try? VisiblePart(file: longer, preprocessing))?.areaLeftOut
  }

  /// A warning if the crop omits more than a quarter of the median image.
  package var warning: String? {
    guard median > 0.25 else { return nil }
    return "The crop leaves out \(NumberText.percent(median)) % of the median image's area (of "
      + "\(NumberText.grouped(count)) looked at): '--resize squash' or 'pad' shows all of it, and 'layertap doctor' says what "
      + "that changes."
  }
}
