// The rows of a merged store: copies of the shards' rows, each content once.

import TapFileSystem
import TapFormats
import TapTensors

/// The values and the check sums of a shard, mapped from its files.
struct ShardRows {
  let store: FeatureStore
  let matrices: [MatrixView]
  private let checksums: [MappedFile]

  init(_ store: FeatureStore) throws(FeatureError) {
    self.store = store
    var (matrices, checksums): ([MatrixView], [MappedFile]) = ([], [])
    for stored in store.columns {
      matrices.append(try store.matrix(stored))
      let path = store.folder.checksums(stored)
      let bytes = store.rowCount * ColumnFile.checksumBytes
      do {
        checksums.append(try MappedFile(path: path, minimumCount: bytes))
      } catch FileSystemError.fileTooShort(_, let expected, let actual) {
        throw .damaged(path: path, problem: "expected at least \(expected) bytes, found \(actual)")
      } catch {
        throw .file(error)
      }
    }
    (self.matrices, self.checksums) = (matrices, checksums)
  }

  func checksum(row: Int, column: Int) -> UInt32 {
    checksums[column].withBytes { $0.littleEndian(UInt32.self, at: row * ColumnFile.checksumBytes) }
  }
}

/// Copies rows of shards to a store, in the order in which the rows are first used.
struct MergedRows {
  private let writer: FeatureStoreWriter
  private let shards: [ShardRows]
  private var index = KeyIndex()
  /// The number of rows so far.
  private(set) var count = 0

  init(_ writer: FeatureStoreWriter, _ shards: [ShardRows]) {
    self.writer = writer
    self.shards = shards
  }

  /// The row in the merged store of row `row` of a shard. A content that was not used before gets the next row.
  ///
  /// - Throws: ``FeatureError/damaged(path:problem:)`` if the values do not match their check sum;
  ///   ``FeatureError/unmergeable(_:)`` if the store has other rows from an earlier merge.
  mutating func row(of row: Int, in shard: Int) throws(FeatureError) -> Int {
    let source = shards[shard]
    let key = source.store.keys[row]
    let writer = writer
    if let known = index.insert(key, row: count, keyOfRow: { writer.key(ofRow: $0) }) { return known }
    if count < writer.committedRows {
      guard writer.key(ofRow: count) == key else { throw ShardMerge.otherMerge(writer.path) }
    } else {
      if let column = writer.append(key: key, row: row, of: source) {
        throw .damaged(
          path: source.store.folder.values(source.store.columns[column]),
          problem: "row \(row) does not match its check sum")
      }
      if writer.pendingBytes >= CommitClock.byteLimit { try writer.commit() }
    }
    count += 1
    return count - 1
  }
}

extension FeatureStoreWriter {
  /// The key of a committed or appended row.
  fileprivate func key(ofRow row: Int) -> Digest { state.withLock { $0.keys[row] } }

  /// Keeps a copy of a shard's row in memory for the next ``commit()``. The shard has the columns of this store.
  ///
  /// - Returns: nil, or the index of a column whose values do not match their check sum; this writer must then be
  ///   released without a commit.
  fileprivate func append(key: Digest, row: Int, of source: ShardRows) -> Int? {
    state.withLock { state in
      for column in state.columns.indices {
        let sum = source.matrices[column].withRow(row) { state.columns[column].append($0) }
        guard sum == source.checksum(row: row, column: column) else { return column }
      }
      state.keys.append(key)
      return nil
    }
  }
}

/// Writes items.csv line by line.
struct ItemTableFile {
  private var file: LineFile
  private let hasWeights: Bool

  init(_ path: String, hasWeights: Bool, faults: WriteFaults?) throws(FeatureError) {
    file = try LineFile(path, faults: faults)
    self.hasWeights = hasWeights
    try file.append(ItemTable.headerLine(hasWeights: hasWeights))
  }

  mutating func append(_ item: StoredItem) throws(FeatureError) {
    try file.append(ItemTable.line(of: item, hasWeights: hasWeights))
  }

  /// Writes the rest and waits for the disk. Returns the SHA-256 of the table, in hexadecimal.
  @discardableResult
  mutating func finish() throws(FeatureError) -> String { try file.finish() }
}
