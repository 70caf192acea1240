// A store as an extraction uses it. The store is only read until a row must be added. So several processes can use a
// complete store at once, even if the store cannot be written to.

import Synchronization
import TapFileSystem
import TapFormats
import TapProvenance

/// A store that is opened for reading, and for writing when something must be written.
final class StoreAccess: Sendable {
  let path: String
  /// The columns that every row has.
  let columns: [StoredColumn]

  private let parent: String
  private let identity: BackboneIdentity
  private let faults: WriteFaults?
  private let state: Mutex<State>

  private struct State: Sendable {
    /// The keys when the store was opened for reading.
    var keys: [Digest]
    var writer: FeatureStoreWriter?
  }

  /// Creates access to a store that is being written.
  init(_ writer: FeatureStoreWriter, parent: String, faults: WriteFaults?) {
    path = writer.path
    columns = writer.columns
    identity = writer.identity
    self.parent = parent
    self.faults = faults
    state = Mutex(State(keys: [], writer: writer))
  }

  private init(_ snapshot: FeatureStore, parent: String, faults: WriteFaults?) {
    path = snapshot.path
    columns = snapshot.columns
    identity = snapshot.identity
    self.parent = parent
    self.faults = faults
    state = Mutex(State(keys: snapshot.keys, writer: nil))
  }

  /// Opens the store of `identity` below `parent`. Returns nil if the store does not exist, lacks one of `columns`, or
  /// was being replaced when its last writer was killed.
  ///
  /// If a writer was interrupted, the store is opened for writing, which restores its last commit. If the store cannot
  /// be opened for writing, because of another process or the disk, the unfinished rows are checked one by one. If they
  /// are complete, the store is only read.
  static func reading(
    parent: String, identity: BackboneIdentity, columns: [Column], faults: WriteFaults?
  ) throws(FeatureError) -> StoreAccess? {
    let folder = StoreFolder(path: FileSystem.join(parent, identity.storeName))
    guard FileSystem.exists(folder.description), !FileSystem.exists(folder.dropped) else { return nil }
    let snapshot = try FeatureStore(path: folder.path)
    guard snapshot.identity.hash == identity.hash,
      columns.allSatisfy({ column in snapshot.columns.contains { $0.column == column } })
    else { return nil }
    let access = StoreAccess(snapshot, parent: parent, faults: faults)
    if snapshot.isAtRest { return access }
    do {
      return StoreAccess(
        try FeatureStoreWriter(parent: parent, identity: identity, faults: faults), parent: parent,
        faults: faults)
    } catch FeatureError.file(let error) where error.preventsWriting && snapshot.isWhole {
      return access
    }
  }

  /// The keys of the committed rows.
  var committedKeys: [Digest] { state.withLock { $0.writer?.committedKeys ?? $0.keys } }

  var committedRows: Int { state.withLock { $0.writer?.committedRows ?? $0.keys.count } }

  /// The number of bytes that are appended but not committed.
  var pendingBytes: Int { state.withLock { $0.writer?.pendingBytes ?? 0 } }

  /// The writer. If the store was only read before, this function opens the store for writing.
  ///
  /// - Parameter isNew: called with each row that another writer added in the meantime, and the row's key.
  /// - Throws: ``FileSystemError/inUse(path:holder:)`` within ``FeatureError/file(_:)`` if another writer has the
  ///   store; ``FeatureError/changedMeanwhile(path:)`` if earlier rows have changed.
  func writer(isNew: (Digest, Int) -> Void) throws(FeatureError) -> FeatureStoreWriter {
    do {
      return try state.withLock { state in
        if let writer = state.writer { return writer }
        let writer = try FeatureStoreWriter(parent: parent, identity: identity, faults: faults)
        let keys = writer.committedKeys
        guard keys.starts(with: state.keys), writer.columns == columns else {
          throw FeatureError.changedMeanwhile(path: path)
        }
        for row in state.keys.count..<keys.count { isNew(keys[row], row) }
        state.writer = writer
        return writer
      }
    } catch let error as FeatureError { throw error } catch { preconditionFailure("\(error)") }
  }

  /// Commits all appended rows.
  func commit() throws(FeatureError) { try state.withLock { $0.writer }?.commit() }

  /// Commits all rows and synchronizes the headers to the disk. Also replaces items.csv unless `items` is nil.
  ///
  /// - Returns: the reason why items.csv could not be replaced; nil if nothing failed.
  func finish(
    items: [StoredItem]?, origin: ListOrigin
  ) throws(FeatureError) -> FileSystemError? {
    if let writer = state.withLock({ $0.writer }) {
      try writer.finish(items: items, origin: origin)
      return nil
    }
    guard let items else { return nil }
    let folder = StoreFolder(path: path)
    let bytes = ItemTable.encode(items)
    if let present = try? FileSystem.read(folder.items), present == bytes { return nil }
    let keys = committedKeys
    do throws(FileSystemError) {
      let lock = try FileLock(path: folder.lock, resource: path, patience: .seconds(2))
      defer { withExtendedLifetime(lock) {} }
      guard let found = try? KeyFile.read(folder.keys), found.starts(with: keys) else {
        throw FileSystemError.inUse(path: path, holder: nil)
      }
      try origin.replace(items: bytes, in: folder, faults: faults)
    } catch {
      guard error.preventsWriting else { throw .file(error) }
      return error
    }
    return nil
  }

  /// Adds files to `runs/` if there is something to record and the store can be written to.
  func addRun(_ record: JSONValue?, items: [StoredItem], of list: ImageList) throws(FeatureError) {
    if let writer = state.withLock({ $0.writer }) {
      return try writer.addRun(record, items: items, of: list)
    }
    // The paths of images in `runs/` are only hints (see ``RowPlaces``), so no data are lost if they cannot be written.
    let folder = StoreFolder(path: path)
    do throws(FileSystemError) {
      guard let places = try RowPlaces(folder).record(of: items, in: list) else { return }
      let lock = try FileLock(path: folder.lock, resource: path)
      defer { withExtendedLifetime(lock) {} }
      try FeatureStoreWriter.addRun(nil, places: places, in: folder, faults)
    } catch {
      guard error.preventsWriting else { throw .file(error) }
    }
  }

  /// The current contents of the store.
  ///
  /// - Throws: ``FeatureError/changedMeanwhile(path:)`` if earlier rows have changed.
  func snapshot() throws(FeatureError) -> FeatureStore {
    let store = try FeatureStore(path: path)
    guard store.keys.starts(with: committedKeys) else { throw .changedMeanwhile(path: path) }
    return store
  }
}

extension FileSystemError {
  /// Whether the error means that another process, the disk or permissions prevent writing. Reading may continue after
  /// such an error.
  var preventsWriting: Bool {
    if case .inUse = self { return true }
    return isReadOnly
  }
}

extension FeatureStore {
  /// Whether every file ends with the last row and its header states the number of rows. If so, no writer is active,
  /// and none was interrupted.
  var isAtRest: Bool {
    guard let size = try? FileSystem.fileSize(folder.keys), size == rowCount * KeyFile.keyBytes else {
      return false
    }
    return columns.allSatisfy { stored in (try? file(stored).isAtRest(rows: rowCount)) ?? false }
  }

  /// Whether all rows are complete. A row that a column's header does not count yet is complete if its values match its
  /// check sum.
  var isWhole: Bool {
    columns.allSatisfy { stored in
      guard let file = try? file(stored), let complete = try? file.completeRows(), complete >= rowCount,
        let header = try? file.headerRows()
      else { return false }
      return (min(header, rowCount)..<rowCount).allSatisfy { (try? file.isIntact(row: $0)) ?? false }
    }
  }

  private func file(_ stored: StoredColumn) throws(FileSystemError) -> ColumnFile {
    try ColumnFile(reading: stored, values: folder.values(stored), checksums: folder.checksums(stored))
  }
}
