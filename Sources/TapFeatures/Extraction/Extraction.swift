// The result of an extraction.

import TapFileSystem

/// The items of a list with their rows in a store.
package struct Extraction: Sendable {
  /// The store after the extraction.
  package let store: FeatureStore
  /// The items of the list, in list order.
  package let items: [StoredItem]
  /// The errors of the items whose files could not be read, by the items' indices.
  package let fileErrors: [Int: FileSystemError]
  /// The number of rows that this run computed and added.
  package let computedRows: Int
  /// The number of older rows for which this run computed new columns.
  package let filledRows: Int
  /// The reason why the store keeps its previous list: another process writes to the store, or writing failed. Nil if
  /// the store holds the list of this run.
  package let listRemains: FileSystemError?

  /// The result of an extraction.
  package init(
    store: FeatureStore, items: [StoredItem], fileErrors: [Int: FileSystemError] = [:], computedRows: Int,
    filledRows: Int, listRemains: FileSystemError? = nil
  ) {
    self.fileErrors = fileErrors
    self.listRemains = listRemains
    self.store = store
    self.items = items
    self.computedRows = computedRows
    self.filledRows = filledRows
  }

  /// Items whose features are in the store.
  package var readable: [StoredItem] { items.filter { $0.row != nil } }

  /// Items that could not be read or decoded, each with the reason.
  package var unreadable: [(path: String, reason: String)] {
    items.compactMap { stored in
      guard case .unreadable(let reason, _) = stored.status else { return nil }
      return (stored.item.path, reason)
    }
  }

  /// Checks that each class of the list has a readable image.
  ///
  /// - Throws: ``FeatureError/unreadableClasses(_:)`` if no image of a class could be read.
  package func requireClasses() throws(FeatureError) {
    let left = Set(readable.compactMap { $0.item.label.map(ByteKey.init) })
    let lost = items.compactMap(\.item.label).sortedByBytes.filter { !left.contains(ByteKey($0)) }
    guard lost.isEmpty || left.isEmpty else { throw .unreadableClasses(lost) }
  }

  /// The number of items that have the same bytes as an earlier item.
  package var duplicates: Int { readable.count - Set(items.compactMap(\.row)).count }

  /// The number of contents that are in more than one split. On a test set that shares images with the training set,
  /// the accuracy is too high.
  package var contentsInSeveralSplits: Int {
    var splits: [Int: Set<SplitName>] = [:]
    for stored in items {
      guard let row = stored.row, let split = stored.item.split else { continue }
      splits[row, default: []].insert(split)
    }
    return splits.values.count { $0.count > 1 }
  }
}

/// The progress of an extraction.
package struct ExtractionProgress: Hashable, Sendable {
  /// A part of the work.
  package enum Stage: Hashable, Sendable {
    /// Reading the files to find the row of each file, before new columns are filled.
    case identifying
    /// Computing new columns for existing rows.
    case filling
    /// Computing missing rows.
    case extracting
  }

  /// The current part of the work.
  package let stage: Stage
  /// The number of images of the stage that are done.
  package let done: Int
  /// The number of images of the stage.
  package let total: Int
}
