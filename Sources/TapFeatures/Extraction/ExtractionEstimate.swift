// The cost of an extraction, estimated before the extraction begins. The disk space is exact for the rows to compute.
// If the caller wants the time, it is measured with one image.

import TapBackbone
import TapFileSystem
import TapImages
import TapProvenance

/// The size and time of an extraction that has not begun.
package struct ExtractionEstimate: Hashable, Sendable {
  /// The store that would be written to.
  package let path: String
  /// The number of the list's images that seem to have no row. A file that has the same name as in the last run counts
  /// as unchanged.
  package let images: Int
  /// Whether the store may nevertheless have rows for some of these images. The estimate cannot know this, because it
  /// does not read the bytes of the images.
  package let areSomePerhapsStored: Bool
  /// The number of rows for which new columns would be computed.
  package let rowsToFill: Int
  /// The number of bytes that would be written.
  package let bytes: Int
  /// The number of free bytes on the store's disk.
  package let freeBytes: Int
  /// The time in seconds, estimated from the time of one image. Nil if the time was not wanted, if no image is left to
  /// compute, or if no image could be read.
  package let seconds: Double?

  /// Whether the extraction would leave less than half of the free disk space.
  package var needsConsent: Bool { bytes > freeBytes / 2 }
}

extension FeatureExtractor {
  /// Estimates ``extract(_:into:provenance:progress:shouldStop:)`` without writing anything.
  ///
  /// - Parameter isTimed: whether one image is computed, to measure the time for ``ExtractionEstimate/seconds``.
  package func estimate(
    _ list: ImageList, into parent: String, isTimed: Bool = true
  ) throws(FeatureError) -> ExtractionEstimate {
    guard !columns.isEmpty else { throw .noColumns }
    let path = FileSystem.join(parent, source.identity.storeName)
    let store = FeatureStore.exists(at: path) ? try FeatureStore(path: path) : nil
    let present = store?.columns ?? []
    var added: [StoredColumn] = []
    for column in columns
    where !(present + added).contains(where: { $0.column == column }) {
      added.append(
        StoredColumn(
          column: column,
          dimensions: try FeatureError.mapping { () throws(BackboneError) in try source.dimensions(of: column)
          }))
    }
    let known = Set((try store?.items() ?? []).filter { $0.row != nil }.map { ByteKey($0.item.path) })
    let images = list.items.count { !known.contains(ByteKey($0.path)) }
    let rowsToFill = added.isEmpty ? 0 : store?.rowCount ?? 0
    let columnBytes = { (columns: [StoredColumn]) in
      columns.reduce(0) { $0 + $1.dimensions * MemoryLayout<Float>.size + ColumnFile.checksumBytes }
    }
    let bytes = images * (columnBytes(present + added) + KeyFile.keyBytes) + rowsToFill * columnBytes(added)
    let free = try onFiles { () throws(FileSystemError) in try FileSystem.freeSpace(at: path) }
    var seconds: Double?
    if isTimed, images + rowsToFill > 0,
      let perImage = try secondsPerImage(list, (present + added).map(\.column))
    {
      seconds = perImage * Double(images + rowsToFill) / Double(min(threads, max(images, rowsToFill)))
    }
    return ExtractionEstimate(
      path: path, images: images, areSomePerhapsStored: images > 0 && (store?.rowCount ?? 0) > 0,
      rowsToFill: rowsToFill, bytes: bytes, freeBytes: free, seconds: seconds)
  }

  /// The time for the first readable image among the first few images.
  private func secondsPerImage(_ list: ImageList, _ columns: [Column]) throws(FeatureError) -> Double? {
    let loader = BatchLoader(
      try FeatureError.mapping { () throws(BackboneError) in try source.computation(of: columns) })
    for item in list.items.prefix(8) {
      let start = ContinuousClock.now
      guard case .computed? = loader.load([.file(list.location(of: item))], isWanted: { _, _ in true }).first
      else {
        continue
      }
      return (ContinuousClock.now - start) / .seconds(1)
    }
    return nil
  }
}
