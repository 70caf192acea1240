// Merging of shards into the store that one run on the whole list would have written. The items of all shards are read
// in the order of the list. The first item of a content determines the position of its row. The new store is written in
// a folder whose name begins with a dot. When the store is complete, it is renamed. After an interruption, a later
// merge keeps the committed rows and continues behind them.

import TapFileSystem
import TapFormats

/// The shards of a list, checked to be complete and to belong together.
package struct ShardMerge: Sendable {
  /// The shards, by number.
  package let shards: [FeatureStore]
  /// The path of the merged store.
  package let path: String

  private let parent: String
  private let listHash: String
  /// Write failures that tests inject.
  package var faults: WriteFaults?

  /// The result of a merge.
  package struct Result: Sendable {
    /// The merged store.
    package let store: FeatureStore
    /// The number of items of the whole list.
    package let items: Int
    /// The number of items without a row.
    package let unreadable: Int
    /// The number of rows that an earlier, interrupted merge had written.
    package let earlierRows: Int
  }

  /// Opens the shards.
  ///
  /// - Parameters:
  ///   - paths: folders of shards, or folders that hold shards.
  ///   - parent: the folder in which the merged store gets the usual name of its identity.
  /// - Throws: ``FeatureError/unmergeable(_:)`` if a shard is missing, is named twice, or belongs to another list;
  ///   ``FeatureError/otherIdentity(path:differences:)``; ``FeatureError/mergedAlready(path:)``; the errors of opening
  ///   a store.
  package init(_ paths: [String], into parent: String) throws(FeatureError) {
    self.parent = parent
    var found: [(record: ShardRecord, store: FeatureStore)] = []
    for path in paths {
      for folder in try Self.folders(path) {
        let store = try FeatureStore(path: folder)
        guard let record = try ShardRecord(in: store.folder) else {
          throw .unmergeable(
            "\(folder) is a store, but no shard: expected shard.json in it, as 'layertap extract --shard' writes it")
        }
        found.append((record, store))
      }
    }
    found.sort { ($0.record.shard.number, $0.store.path) < ($1.record.shard.number, $1.store.path) }
    guard let first = found.first else { throw .unmergeable("no shard was named") }
    for other in found.dropFirst() { try Self.requireSame(first, other) }
    for (one, next) in zip(found, found.dropFirst()) where one.record.shard == next.record.shard {
      throw .unmergeable(
        "\(one.store.path) and \(next.store.path) are both shard \(one.record.shard.text): name one of them")
    }
    let count = first.record.shard.count
    let present = Set(found.map(\.record.shard.number))
    if present.count < count {
      let missing = (1...count).lazy.filter { !present.contains($0) }.prefix(10).map(String.init)
      let more = count - present.count - missing.count
      throw .unmergeable(
        "\(count - present.count) of the \(count) shards are missing: \(missing.joined(separator: ", "))"
          + (more > 0 ? " and \(more) more" : "") + "; extract them with --shard, and name all shards")
    }
    shards = found.map(\.store)
    listHash = first.record.listHash
    path = FileSystem.join(parent, first.store.identity.storeName)
    if FileSystem.exists(path), !isRenamed { throw .mergedAlready(path: path) }
  }

  /// The folder in which the store is written.
  private var work: String { FileSystem.join(parent, "." + FileSystem.name(of: path) + ".merging") }

  /// Whether an interrupted merge had already given the store its name.
  private var isRenamed: Bool {
    FileSystem.exists(path) && FileSystem.exists(work)
      && !FileSystem.exists(FileSystem.join(work, FileSystem.name(of: path)))
  }

  /// The folder, or the folders of shards in the folder.
  private static func folders(_ path: String) throws(FeatureError) -> [String] {
    if FileSystem.exists(StoreFolder(path: path).description) { return [path] }
    guard FileSystem.isDirectory(path) else {
      throw FileSystem.exists(path) ? .notAStore(path: path) : .file(.missing(path))
    }
    let names = try onFiles { () throws(FileSystemError) in try FileSystem.list(path) }
    let folders = names.filter { $0.utf8.first != UInt8(ascii: ".") }.map { FileSystem.join(path, $0) }
      .filter { FileSystem.exists(StoreFolder(path: $0).shard) }
    guard !folders.isEmpty else {
      throw .unmergeable("\(path) holds no shard: expected folders that 'layertap extract --shard' wrote")
    }
    return folders
  }

  private static func requireSame(
    _ first: (record: ShardRecord, store: FeatureStore), _ other: (record: ShardRecord, store: FeatureStore)
  ) throws(FeatureError) {
    let (one, two) = (first.store, other.store)
    guard one.identity.hash == two.identity.hash else {
      throw .unmergeable(
        "\(two.path) was made by another backbone or preprocessing than \(one.path): "
          + two.identity.differences(from: one.identity).joined(separator: "; "))
    }
    guard first.record.shard.count == other.record.shard.count else {
      throw .unmergeable(
        "\(two.path) is shard \(other.record.shard.text), and \(one.path) is shard \(first.record.shard.text): "
          + "expected the same number of shards")
    }
    guard first.record.listHash == other.record.listHash else {
      throw .unmergeable(
        "\(two.path) is a shard of another list than \(one.path): extract all shards with the same list")
    }
    guard one.columns == two.columns else {
      let names = { (store: FeatureStore) in store.columns.map(\.column.name).joined(separator: ", ") }
      throw .unmergeable(
        "\(two.path) has the columns \(names(two)), and \(one.path) has \(names(one)): extract all shards with the "
          + "same --layers and --pool")
    }
  }

  /// The number of rows of all shards, an upper bound of the number of the merged store's rows.
  package var rowCount: Int { shards.reduce(0) { $0 + $1.rowCount } }

  /// Writes the merged store.
  ///
  /// - Parameters:
  ///   - progress: called with the number of rows of the shards that are done, up to ``rowCount``.
  ///   - shouldStop: when the result is true, the rows so far are committed and
  ///     ``FeatureError/interrupted(rows:path:)`` is thrown.
  package func run(
    progress: (Int) -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws(FeatureError) -> Result {
    if isRenamed { return try finished() }
    let faults = faults
    let lock = try onFiles { () throws(FileSystemError) in
      try FileSystem.createDirectories(work, faults: faults)
      return try FileLock(path: work + "/lock", resource: path)
    }
    defer { withExtendedLifetime(lock) {} }
    let counts = try write(into: work, progress, shouldStop)
    try onFiles { () throws(FileSystemError) in
      if FileSystem.exists(path) { throw FileSystemError.inUse(path: path, holder: nil) }
      try FileSystem.rename(
        FileSystem.join(work, FileSystem.name(of: path)), to: path, faults: faults)
      try FileSystem.removeTree(work)
    }
    return Result(
      store: try FeatureStore(path: path), items: counts.items, unreadable: counts.unreadable,
      earlierRows: counts.earlierRows)
  }

  /// Ends a merge that was interrupted after the store got its name.
  private func finished() throws(FeatureError) -> Result {
    try onFiles { () throws(FileSystemError) in
      try FileSystem.synchronizeDirectory(parent, faults: faults)
      try FileSystem.removeTree(work)
    }
    let store = try FeatureStore(path: path)
    let items = try store.items() ?? []
    return Result(
      store: store, items: items.count, unreadable: items.count { $0.row == nil }, earlierRows: store.rowCount)
  }

  private struct Counts {
    var items = 0
    var unreadable = 0
    var earlierRows = 0
  }

  /// Writes the store below `work`, and releases its lock.
  private func write(
    into work: String, _ progress: (Int) -> Void, _ shouldStop: () -> Bool
  ) throws(FeatureError) -> Counts {
    guard let first = shards.first else { preconditionFailure("no shards") }
    let writer = try FeatureStoreWriter(parent: work, identity: first.identity, faults: faults)
    if let table = first.layerTable() { try writer.keep(table) }
    if writer.columns.isEmpty { try writer.addToEmptyStore(first.columns) }
    guard writer.columns == first.columns else { throw Self.otherMerge(writer.path) }
    var copies: [ShardRows] = []
    for shard in shards { copies.append(try ShardRows(shard)) }
    var rows = MergedRows(writer, copies)
    var readers: [ShardItems] = []
    for shard in shards { readers.append(try ShardItems(shard)) }
    var items = try MergedItems(readers)
    var table = try ItemTableFile(writer.folder.items, hasWeights: items.hasWeights, faults: faults)
    var counts = Counts(earlierRows: writer.committedRows)
    var hash = ListHash()
    while let (item, shard) = try items.next() {
      guard !shouldStop() else {
        try writer.commit()
        throw .interrupted(rows: writer.committedRows, path: writer.path)
      }
      hash.add(item.item)
      let status: StoredItem.Status
      switch item.status {
      case .ok(let key, let row):
        guard shards[shard].keys[row].hex == key else {
          throw damaged(shard, "the key of \(item.item.path) is not that of row \(row)")
        }
        status = .ok(key: key, row: try rows.row(of: row, in: shard))
      case .unreadable:
        status = item.status
        counts.unreadable += 1
      case .pending: throw damaged(shard, "\(item.item.path) was not extracted")
      }
      try table.append(StoredItem(item: item.item, status: status))
      counts.items += 1
      progress(rows.count)
    }
    guard hash.finalize() == listHash else {
      throw .unmergeable("the items of the shards are not those of the list: extract the shards again")
    }
    guard writer.committedRows <= rows.count else { throw Self.otherMerge(writer.path) }
    try table.finish()
    try writer.finish(items: nil)
    try copyRecords(to: writer)
    return counts
  }

  private func damaged(_ shard: Int, _ problem: String) -> FeatureError {
    .damaged(path: shards[shard].folder.items, problem: problem)
  }

  /// The rows of an interrupted merge come from other shards.
  static func otherMerge(_ path: String) -> FeatureError {
    .unmergeable("\(path) is left of an interrupted merge of other shards: remove it")
  }

  /// Copies the recorded places of images, from which later columns are computed.
  private func copyRecords(to writer: FeatureStoreWriter) throws(FeatureError) {
    let (folder, faults, shards) = (writer.folder, faults, shards)
    try onFiles { () throws(FileSystemError) in
      try FileSystem.createDirectories(folder.runs, faults: faults)
      let path = FileSystem.join(folder.runs, "000001.csv")
      try AtomicWriter.replace(path, faults: faults) { file throws(FileSystemError) in
        var text = Array(RowPlaces.headerLine.utf8)
        var offset = 0
        for shard in shards {
          let places = RowPlaces(shard.folder)
          for key in shard.keys { if let place = places[key] { text += RowPlaces.line(key, place).utf8 } }
          try file.write(text, at: offset)
          offset += text.count
          text.removeAll(keepingCapacity: true)
        }
      }
      try FileSystem.synchronizeDirectory(folder.path, faults: faults)
    }
  }
}
