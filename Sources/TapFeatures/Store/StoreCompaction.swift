// Compaction: a store without the rows of images that are gone. The new store is written in a folder whose name begins
// with a dot. Then it is exchanged with the old store, which is removed. So after an interruption the store is either
// the old or the new one. The new store has the bytes of one run on the images that stay. Rows that belong to no image
// of the list follow behind them.

import TapFileSystem
import TapFormats

/// The removal of rows from a store.
package struct StoreCompaction: Sendable {
  /// The store's folder.
  package let path: String

  private let rule: CompactionRule
  /// The folder in which the new store gets the usual name of its identity; nil if it replaces the old store.
  private let parent: String?
  /// Write failures that tests inject.
  package var faults: WriteFaults?

  /// The result of a compaction.
  package struct Result: Sendable {
    /// The new store; the old one if nothing was dropped.
    package let store: FeatureStore
    package let counts: CompactionCounts
  }

  /// - Parameters:
  ///   - path: a store, or a folder that holds one store.
  ///   - rule: the rule that chooses the images that stay.
  ///   - parent: a folder for the new store. The old store then stays as it is. If it is nil, the new store replaces
  ///     the old one.
  /// - Throws: ``FeatureError/uncompactable(path:problem:)`` for a shard; ``FeatureError/mergedAlready(path:)`` if
  ///   `parent` has such a store; the errors of opening a store.
  package init(
    _ path: String, _ rule: CompactionRule = CompactionRule(), into parent: String? = nil
  ) throws(FeatureError) {
    let store = try FeatureStore(path: path)
    if let shard = try store.shard() {
      throw .uncompactable(
        path: store.path,
        problem: "it is shard \(shard.text) of a list: compact the store that 'layertap store merge' makes of them")
    }
    // Beside a link to the store's folder there may be another disk.
    self.path = try onFiles { () throws(FileSystemError) in try FileSystem.withoutLinks(store.path) }
    self.rule = rule
    self.parent = parent
    if let parent {
      let target = FileSystem.join(parent, store.identity.storeName)
      if FileSystem.exists(target) { throw .mergedAlready(path: target) }
    }
  }

  /// Finds the images and rows to drop, and changes nothing.
  ///
  /// - Throws: as ``run(progress:shouldStop:)``.
  package func examine(shouldStop: () -> Bool = { false }) throws(FeatureError) -> CompactionCounts {
    try CompactionPlan(FeatureStore(path: path), rule, shouldStop: shouldStop).counts
  }

  /// Drops the rows of images that are gone. Other writers cannot use the store in the meantime.
  ///
  /// - Parameters:
  ///   - progress: called with the number of copied rows, and the number of all rows to copy.
  ///   - shouldStop: when the result is true, the store stays as it is and ``FeatureError/interrupted(rows:path:)`` is
  ///     thrown.
  /// - Throws: ``FeatureError/uncompactable(path:problem:)`` if it is unknown which images are gone, if no image would
  ///   stay, or if the file system cannot exchange folders; ``FileSystemError/inUse(path:holder:)`` within
  ///   ``FeatureError/file(_:)`` if another writer has the store; ``FeatureError/damaged(path:problem:)``.
  package func run(
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }, shouldStop: () -> Bool = { false }
  ) throws(FeatureError) -> Result {
    let writer = try openForWriting()
    defer { withExtendedLifetime(writer) {} }
    let plan = try CompactionPlan(FeatureStore(path: path), rule, shouldStop: shouldStop)
    let store: FeatureStore
    if let parent {
      store = try writeStore(plan, below: parent, progress, shouldStop)
    } else if plan.counts.areNone {
      store = plan.store
    } else {
      store = try replaceStore(plan, progress, shouldStop)
    }
    return Result(store: store, counts: plan.counts)
  }

  /// Takes the store's lock, and restores the last commit of an interrupted writer. The result is nil if the store is
  /// on a read-only disk and stays as it is.
  private func openForWriting() throws(FeatureError) -> FeatureStoreWriter? {
    do {
      return try FeatureStoreWriter(
        StoreFolder(path: path), identity: FeatureStore(path: path).identity, faults: faults)
    } catch FeatureError.file(let error) where error.isReadOnly && parent != nil {
      return nil
    }
  }

  private func replaceStore(
    _ plan: CompactionPlan, _ progress: (Int, Int) -> Void, _ shouldStop: () -> Bool
  ) throws(FeatureError) -> FeatureStore {
    let (faults, work) = (faults, StoreFolder(path: path).compacting)
    let copy = StoreFolder(path: FileSystem.join(work, FileSystem.name(of: path)))
    do throws(FeatureError) {
      let isPossible = try onFiles { () throws(FileSystemError) in
        try FileSystem.createDirectories(work, faults: faults)
        return try FileSystem.canExchange(in: work, faults: faults)
      }
      guard isPossible else {
        throw .uncompactable(
          path: path, problem: "its file system cannot exchange folders: name a folder for the new store with --into")
      }
      try write(plan, to: copy, progress, shouldStop)
    } catch {
      try? FileSystem.removeTree(work, faults: faults)
      throw error
    }
    try onFiles { () throws(FileSystemError) in
      try FileSystem.exchange(copy.path, with: path, faults: faults)
      try FileSystem.removeTree(work, faults: faults)
    }
    return try FeatureStore(path: path)
  }

  private func writeStore(
    _ plan: CompactionPlan, below parent: String, _ progress: (Int, Int) -> Void, _ shouldStop: () -> Bool
  ) throws(FeatureError) -> FeatureStore {
    let (faults, name) = (faults, plan.store.identity.storeName)
    let (target, work) = (FileSystem.join(parent, name), FileSystem.join(parent, "." + name + ".copying"))
    let copy = StoreFolder(path: FileSystem.join(work, name))
    let lock = try onFiles { () throws(FileSystemError) in
      try FileSystem.createDirectories(work, faults: faults)
      let lock = try FileLock(path: work + "/lock", resource: target)
      try FileSystem.removeTree(copy.path, faults: faults)
      return lock
    }
    defer { withExtendedLifetime(lock) {} }
    try write(plan, to: copy, progress, shouldStop)
    try onFiles { () throws(FileSystemError) in
      if FileSystem.exists(target) { throw FileSystemError.inUse(path: target, holder: nil) }
      try FileSystem.rename(copy.path, to: target, faults: faults)
      try FileSystem.removeTree(work, faults: faults)
    }
    return try FeatureStore(path: target)
  }

  /// Writes the new store, and releases its lock.
  private func write(
    _ plan: CompactionPlan, to folder: StoreFolder, _ progress: (Int, Int) -> Void, _ shouldStop: () -> Bool
  ) throws(FeatureError) {
    let store = plan.store
    let writer = try FeatureStoreWriter(folder, identity: store.identity, faults: faults)
    if let table = store.layerTable() { try writer.keep(table) }
    try writer.addToEmptyStore(store.columns)
    try copyRunRecords(of: store, to: folder)
    var rows = MergedRows(writer, [try ShardRows(store)])
    var places = try LineFile(FileSystem.join(folder.runs, "000001.csv"), faults: faults)
    try places.append(RowPlaces.headerLine)
    let total = plan.counts.rows - plan.counts.droppedRows

    /// Copies a row, unless an earlier item has the same row. Returns the row's new number.
    func copy(_ row: Int, place: String?) throws(FeatureError) -> Int {
      guard !shouldStop() else { throw .interrupted(rows: store.rowCount, path: path) }
      let before = rows.count
      let copied = try rows.row(of: row, in: 0)
      guard rows.count > before else { return copied }
      if let place { try places.append(RowPlaces.line(store.keys[row], place)) }
      progress(rows.count, total)
      return copied
    }

    var items = try ShardItems(store)
    var table = try ItemTableFile(folder.items, hasWeights: plan.hasWeights, faults: faults)
    var index = 0
    while let stored = try items.next() {
      defer { index += 1 }
      guard plan.keepsItem[index] else { continue }
      guard case .ok(let key, let row) = stored.status else {
        try table.append(stored)
        continue
      }
      guard store.keys[row].hex == key else {
        throw .damaged(path: store.folder.items, problem: "the key of \(stored.item.path) is not that of row \(row)")
      }
      let copied = try copy(row, place: plan.location(of: stored.item.path))
      try table.append(StoredItem(item: stored.item, status: .ok(key: key, row: copied)))
    }
    if plan.counts.unlistedRows > 0 {
      let recorded = RowPlaces(store.folder)
      for row in plan.fates.indices where plan.fates[row] == .unlisted {
        _ = try copy(row, place: recorded[store.keys[row]])
      }
    }
    let hash = try table.finish()
    try places.finish()
    try writer.finish(items: nil)
    let faults = faults
    try onFiles { () throws(FileSystemError) in
      try plan.origin?.record(itemsHash: hash, in: folder, faults: faults)
      for path in [folder.runs, folder.path, FileSystem.parent(of: folder.path)] {
        try FileSystem.synchronizeDirectory(path, faults: faults)
      }
    }
  }

  /// Copies the records of runs that are for people.
  private func copyRunRecords(of store: FeatureStore, to folder: StoreFolder) throws(FeatureError) {
    let (faults, runs) = (faults, store.folder.runs)
    try onFiles { () throws(FileSystemError) in
      try FileSystem.createDirectories(folder.runs, faults: faults)
      guard FileSystem.exists(runs) else { return }
      for name in try FileSystem.list(runs) where FileSystem.fileExtension(of: name) == "json" {
        let bytes = try FileSystem.read(FileSystem.join(runs, name), atMost: FileSystem.documentLimit)
        try AtomicWriter.replace(FileSystem.join(folder.runs, name), with: bytes, faults: faults)
      }
    }
  }
}
