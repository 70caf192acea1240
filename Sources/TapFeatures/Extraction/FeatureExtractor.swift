// Computes the features of a list of images and commits the rows to a store. Only the rows that the store lacks are
// computed, in list order, on several threads. The number of threads determines the memory.

import TapBackbone
import TapExtraction
import TapFileSystem
import TapFormats
import TapImages
import TapKernels
import TapProvenance

/// Extracts columns of features of images into a store.
package struct FeatureExtractor: Sendable {
  /// The columns to compute, in the given order.
  package let columns: [Column]
  /// The number of images computed at once. The number changes no byte of the store.
  package var threads: Int

  /// Whether the store drops rows whose images are missing. New columns need the image of every row. An image is
  /// missing if it is neither in the list nor at the path that an earlier run recorded. If this setting is false, a
  /// missing image is an error.
  package var dropsMissingRows = false

  /// Whether an unreadable image is an error. If this setting is false, the image is left out and listed. Rows before
  /// the error are committed.
  package var stopsAtUnreadable = false

  /// Whether the list becomes the store's list, which ``FeatureStore/items()`` returns. False for a caller that only
  /// reads features.
  package var recordsList = true

  let source: any RowSource
  /// Fields for the record of a run: the instruction set, if the source of the rows has an instruction set.
  var details: [String: JSONValue] = [:]
  /// Write failures that tests inject.
  package var faults: WriteFaults?

  package init(source: any RowSource, columns: [Column], threads: Int? = nil) {
    self.source = source
    self.columns = columns
    self.threads = threads ?? Threads.available
  }

  /// The identity of the features.
  package var identity: BackboneIdentity { source.identity }

  /// Extracts the features of `list` into the store of this extractor's identity below `parent`.
  ///
  /// Rows that the store has are not computed again. If the store has more columns than requested, new rows get all
  /// columns, since every column has every row. Unreadable images are skipped and listed, unless ``stopsAtUnreadable``.
  /// The bytes of the store depend on the list and the identity. Threads, batches and earlier interruptions do not
  /// change the bytes.
  ///
  /// - Parameters:
  ///   - provenance: fields for the record in `runs/` of a run that computes something: program version and command.
  ///     The extractor adds instruction set, threads, counts and seconds.
  ///   - progress: called from any thread, one call at a time.
  ///   - shouldStop: called before each image. When the result is true, the rows so far are committed and
  ///     ``FeatureError/interrupted(rows:path:)`` is thrown.
  /// - Throws: ``FeatureError``; the store keeps the rows committed before the error.
  package func extract(
    _ list: ImageList, into parent: String, provenance: [String: JSONValue] = [:],
    progress: @escaping @Sendable (ExtractionProgress) -> Void = { _ in },
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws(FeatureError) -> Extraction {
    guard !columns.isEmpty else { throw .noColumns }
    let start = ContinuousClock.now
    let opened = try StoreAccess.reading(
      parent: parent, identity: source.identity, columns: columns, faults: faults)
    var filled = 0
    let access: StoreAccess
    if let opened {
      access = opened
    } else {
      let writer: FeatureStoreWriter
      (writer, filled) = try complete(list, parent, progress, shouldStop)
      access = StoreAccess(writer, parent: parent, faults: faults)
    }
    let session = try ExtractionSession(extractor: self, access: access, list: list, progress: progress)
    let remains = try session.run(
      origin: ListOrigin(list, provenance: provenance), shouldStop: shouldStop)
    var record: [String: JSONValue]?
    if session.computedRows + filled > 0 {
      record = provenance.merging(details) { given, _ in given }
        .merging([
          "threads": .integer(threads), "items": .integer(list.items.count),
          "computedRows": .integer(session.computedRows), "filledRows": .integer(filled),
          "seconds": .number((ContinuousClock.now - start) / .seconds(1)),
        ]) { _, measured in measured }
    }
    try access.addRun(record.map(JSONValue.object), items: session.items, of: list)
    return Extraction(
      store: try access.snapshot(), items: session.items, fileErrors: session.fileErrors,
      computedRows: session.computedRows, filledRows: filled, listRemains: remains)
  }

  /// Opens the store for writing and adds the columns that the store lacks.
  ///
  /// Returns the store's writer and the number of rows computed for new columns.
  private func complete(
    _ list: ImageList, _ parent: String, _ progress: @escaping @Sendable (ExtractionProgress) -> Void,
    _ shouldStop: @escaping @Sendable () -> Bool
  ) throws(FeatureError) -> (FeatureStoreWriter, Int) {
    var writer = try FeatureStoreWriter(parent: parent, identity: source.identity, faults: faults)
    // A run that needs no new column only reads the store. So the table of layers is written before the first column is
    // listed.
    if let table = source.layerTable { try writer.keep(table) }
    var missing: [StoredColumn] = []
    for column in columns
    where !writer.columns.contains(where: { $0.column == column })
      && !missing.contains(where: { $0.column == column })
    {
      missing.append(
        StoredColumn(
          column: column,
          dimensions: try FeatureError.mapping { () throws(BackboneError) in try source.dimensions(of: column)
          }))
    }
    var filled = 0
    if !missing.isEmpty {
      if writer.committedRows == 0 {
        try writer.addToEmptyStore(missing)
      } else {
        let filling = ColumnFilling(
          extractor: self, writer: writer, list: list, progress: progress, shouldStop: shouldStop)
        (writer, filled) = try filling.fill(missing)
      }
    }
    return (writer, filled)
  }

  /// The number of pieces of work that may be computed ahead of the last delivered piece. The number is large enough
  /// that a slow image does not stop the other threads.
  var window: Int { threads * 4 }
}
