// Writing a store. A commit has three steps, in this order:
//
// 1. the values of every column, then their check sums, are appended and synchronized to the disk;
// 2. the keys are appended to rows.bin and synchronized: from this step on, the rows count as committed;
// 3. the counts in the headers are overwritten.
//
// So the row counts always satisfy header <= committed <= data, whenever the process or the machine stops. Opening a
// store cuts off rows that were not committed, and corrects the headers. The bytes of the store depend only on the
// rows, not on the time of commits.

import Synchronization
import TapBackbone
import TapFileSystem
import TapFormats
import TapProvenance

/// The only writer of a store. The writer holds the store's lock as long as the writer exists.
package final class FeatureStoreWriter: Sendable {
  package let path: String
  package let identity: BackboneIdentity

  let folder: StoreFolder
  let faults: WriteFaults?
  let state: Mutex<State>
  private let lock: FileLock

  struct State: Sendable {
    var description: StoreDescription
    /// The files of the columns, in the order of the description.
    var columns: [ColumnFile]
    let keyFile: File
    /// The keys of the committed rows, followed by the keys of the appended rows.
    var keys: [Digest]
    var committed: Int
  }

  /// Opens the store of `identity` below `parent`, or creates a store without columns.
  ///
  /// Restores the last commit of an interrupted store.
  ///
  /// - Throws: ``FileSystemError/inUse(path:holder:)`` within ``FeatureError/file(_:)`` if another writer has the
  ///   store; ``FeatureError/damaged(path:problem:)``, in which case no file was changed.
  package convenience init(
    parent: String, identity: BackboneIdentity, faults: WriteFaults? = nil
  ) throws(FeatureError) {
    let folder = StoreFolder(path: FileSystem.join(parent, identity.storeName))
    try self.init(folder, identity: identity, faults: faults)
  }

  /// Opens or creates the store of `identity` in a folder of any name, as ``init(parent:identity:faults:)`` does.
  init(_ folder: StoreFolder, identity: BackboneIdentity, faults: WriteFaults?) throws(FeatureError) {
    self.folder = folder
    self.path = folder.path
    self.identity = identity
    self.faults = faults
    lock = try onFiles { () throws(FileSystemError) in
      try Self.undoHalfDrop(folder, faults)
      try FileSystem.createDirectories(folder.features, faults: faults)
      let lock = try FileLock(path: folder.lock, resource: folder.path)
      try Self.removeDropped(folder)
      return lock
    }
    let opened =
      FileSystem.exists(folder.description)
      ? try Self.open(folder, identity, faults) : try Self.create(folder, identity, faults)
    state = Mutex(opened)
  }

  private static func create(
    _ folder: StoreFolder, _ identity: BackboneIdentity, _ faults: WriteFaults?
  ) throws(FeatureError) -> State {
    try onFiles { () throws(FileSystemError) in
      let keyFile = try File(creating: folder.keys, faults: faults)
      try keyFile.synchronize()
      let description = StoreDescription(identity: identity, columns: [])
      try AtomicWriter.replace(folder.description, with: description.text, faults: faults)
      return State(description: description, columns: [], keyFile: keyFile, keys: [], committed: 0)
    }
  }

  private static func open(
    _ folder: StoreFolder, _ identity: BackboneIdentity, _ faults: WriteFaults?
  ) throws(FeatureError) -> State {
    let description = try StoreDescription(in: folder)
    guard description.identity.hash == identity.hash else {
      throw .otherIdentity(
        path: folder.path, differences: description.identity.differences(from: identity))
    }
    var keys = try KeyFile.read(folder.keys)
    do {
      let keyFile = try File(updating: folder.keys, faults: faults)
      var columns: [ColumnFile] = []
      for stored in description.columns {
        columns.append(
          try ColumnFile(
            opening: stored, values: folder.values(stored), checksums: folder.checksums(stored),
            faults: faults))
      }
      let committed = try intactRows(of: keys.count, in: columns, folder)
      keys.removeSubrange(committed...)
      if try keyFile.size() != committed * KeyFile.keyBytes {
        try keyFile.truncate(to: committed * KeyFile.keyBytes)
      }
      for index in columns.indices { try columns[index].recover(rows: committed) }
      return State(
        description: description, columns: columns, keyFile: keyFile, keys: keys, committed: committed)
    } catch let error as FeatureError {
      throw error
    } catch let error as FileSystemError {
      throw .file(error)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// The number of rows, counted from the first row, that have all their values in every column. `rows` is the number
  /// of keys.
  ///
  /// The rows that a header counts are not checked, because they were on the disk before the header was written. Later
  /// rows with a key are checked: after a power failure, a file system may have the keys without the values.
  private static func intactRows(
    of rows: Int, in columns: [ColumnFile], _ folder: StoreFolder
  ) throws -> Int {
    var checked = rows
    for column in columns {
      let complete = try column.completeRows()
      guard complete >= rows else {
        throw FeatureError.damaged(
          path: folder.values(column.stored),
          problem: "\(rows) rows are committed, and only \(complete) there")
      }
      let header = try column.headerRows() ?? 0
      guard header <= rows else {
        throw FeatureError.damaged(
          path: folder.keys, problem: "a column has \(header) rows, and only \(rows) keys are there")
      }
      checked = min(checked, header)
    }
    while checked < rows {
      for column in columns where try !column.isIntact(row: checked) { return checked }
      checked += 1
    }
    return rows
  }

  /// The columns that the store holds.
  package var columns: [StoredColumn] { state.withLock { $0.description.columns } }

  /// Keys of the committed rows.
  package var committedKeys: [Digest] { state.withLock { Array($0.keys[..<$0.committed]) } }

  package var committedRows: Int { state.withLock { $0.committed } }

  /// The number of bytes that are appended but not committed.
  package var pendingBytes: Int { state.withLock { $0.columns.reduce(0) { $0 + $1.pendingBytes } } }

  /// Keeps a row in memory for the next ``commit()``. `values` holds the values of all columns, one column after the
  /// other in the store's order. Returns the number of the row.
  package func append(key: Digest, values: Span<Float>) -> Int {
    state.withLock { state in
      var start = 0
      for index in state.columns.indices {
        let end = start + state.columns[index].stored.dimensions
        state.columns[index].append(values.extracting(start..<end))
        start = end
      }
      precondition(start == values.count, "\(values.count) values for \(start) dimensions")
      state.keys.append(key)
      return state.keys.count - 1
    }
  }

  /// Commits all appended rows.
  ///
  /// After an error, the store on disk is at an earlier commit, and this writer cannot be used any more.
  package func commit() throws(FeatureError) {
    try onFiles { () throws(FileSystemError) in
      try state.withLock { state throws(FileSystemError) in
        guard state.keys.count > state.committed else { return }
        for index in state.columns.indices { try state.columns[index].flush() }
        let bytes = state.keys[state.committed...].flatMap(\.bytes)
        try state.keyFile.write(bytes, at: state.committed * KeyFile.keyBytes)
        try state.keyFile.synchronize()
        state.committed = state.keys.count
        for column in state.columns { try column.writeHeader() }
      }
    }
  }

  /// Writes the layers of the network to layers.json if the store has no such table yet.
  func keep(_ table: LayerTable) throws(FeatureError) {
    try onFiles { () throws(FileSystemError) in
      try StoredLayers.keep(table, of: identity.hash, in: folder, faults: faults)
    }
  }

  /// Commits all rows and synchronizes the headers to the disk. Also replaces items.csv unless `items` is nil.
  package func finish(items: [StoredItem]?, origin: ListOrigin? = nil) throws(FeatureError) {
    try commit()
    try onFiles { () throws(FileSystemError) in
      try state.withLock { state throws(FileSystemError) in
        for column in state.columns { try column.synchronize() }
      }
      guard let bytes = items.map(ItemTable.encode) else { return }
      if let origin {
        try origin.replace(items: bytes, in: folder, faults: faults)
      } else {
        try AtomicWriter.replace(folder.items, with: bytes, faults: faults)
      }
    }
  }

  /// Adds files to `runs/` under the next number: the record of a run, and a list of image paths. The list has the
  /// images of the rows that have no path in an earlier run's record.
  package func addRun(
    _ record: JSONValue?, items: [StoredItem], of list: ImageList
  ) throws(FeatureError) {
    try onFiles { () throws(FileSystemError) in
      let places = try RowPlaces(folder).record(of: items, in: list)
      try Self.addRun(record, places: places, in: folder, faults)
    }
  }

  /// Adds files to `runs/` for a caller that holds the lock.
  ///
  /// - Parameter places: the text that ``RowPlaces/record(of:in:)`` returned.
  static func addRun(
    _ record: JSONValue?, places: String?, in folder: StoreFolder, _ faults: WriteFaults?
  ) throws(FileSystemError) {
    guard record != nil || places != nil else { return }
    try FileSystem.createDirectories(folder.runs, faults: faults)
    let last = try FileSystem.list(folder.runs).compactMap { Int($0.prefix { $0 != "." }) }.max() ?? 0
    let number = String(last + 1)
    let name = String(repeating: "0", count: max(0, 6 - number.count)) + number
    if let places {
      try AtomicWriter.replace(FileSystem.join(folder.runs, name + ".csv"), with: places, faults: faults)
    }
    if let record {
      try AtomicWriter.replace(
        FileSystem.join(folder.runs, name + ".json"), with: record.pretty + "\n", faults: faults)
    }
  }
}
