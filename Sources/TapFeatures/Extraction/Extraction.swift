// The result of an extraction.

import TapFileSystem

/// A list of images, each with its row in a store.
package struct Extraction: Sendable {
  /// The store as it is now.
  package let store: FeatureStore
  /// The items of the list, in list order.
  package let items: [StoredItem]
  /// Rows computed and added by this run.
  package let computedRows: Int
  /// Rows that had values in older columns and for which new columns were computed.
  package let filledRows: Int
  /// The reason why the store keeps its previous list: another process writes to the store, or writing failed. Nil if
  /// the store has this list.
  package let listRemains: FileSystemError?

  /// The outcome of an extraction.
  package init(
    store: FeatureStore, items: [StoredItem], computedRows: Int, filledRows: Int,
    listRemains: FileSystemError? = nil
  ) {
    self.listRemains = listRemains
    self.store = store
    self.items = items
    self.computedRows = computedRows
    self.filledRows = filledRows
  }

  /// Items whose features are in the store.
  package var readable: [StoredItem] { items.filter { $0.row != nil } }

  /// Items that could not be read or decoded, with the reason.
  package var unreadable: [(path: String, reason: String)] {
    items.compactMap { stored in
      guard case .unreadable(let reason, _) = stored.status else { return nil }
      return (stored.item.path, reason)
    }
  }

  /// - Throws: ``FeatureError/unreadableClasses(_:)`` where a class of the list has no image that could be read.
  package func requireClasses() throws(FeatureError) {
    let left = Set(readable.compactMap { $0.item.label.map(ByteKey.init) })
    let lost = items.compactMap(\.item.label).sortedByBytes.filter { !left.contains(ByteKey($0)) }
    guard lost.isEmpty || left.isEmpty else { throw .unreadableClasses(lost) }
  }

  /// Items that have the same bytes as an earlier one.
  package var duplicates: Int { readable.count - Set(items.compactMap(\.row)).count }

  /// The number of contents that are in more than one split: a test set that shares images with the training set
  /// measures memory.
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
    /// Reading the files to find the row of each; before new columns are filled.
    case identifying
    /// Computing new columns for rows that exist.
    case filling
    /// Computing missing rows.
    case extracting
  }

  /// The current part of the work.
  package let stage: Stage
  /// The number of images of the stage that are done.
  package let done: Int
  /// The number of images in the stage.
  package let total: Int
}
