// Reports whether the crop leaves out much of the images, which costs accuracy if images are long.

import TapFeatures
import TapFileSystem
import TapImages
import TapProvenance
import TapText

/// The share of the images of a list that the crop leaves out.
package struct CropWarning {
  /// The median over the images of the share of the area that is cropped away.
  package let median: Double
  /// The number of images measured.
  package let count: Int

  /// The maximum number of images measured, spread evenly over the list.
  private static let limit = 500
  /// The bytes read first. Sides and orientation usually come before the pixels; if not, up to `largestHeader` bytes
  /// are read.
  private static let headerBytes = 1 << 18
  private static let largestHeader = 1 << 24

  /// Nil if no image can be read.
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

  /// A warning if more than a quarter of the median image is left out.
  package var warning: String? {
    guard median > 0.25 else { return nil }
    return "The crop leaves out \(NumberText.percent(median)) % of the median image's area (of "
      + "\(NumberText.grouped(count)) looked at): '--resize squash' or 'pad' shows all of it, and 'layertap doctor' says what "
      + "that changes."
  }
}
