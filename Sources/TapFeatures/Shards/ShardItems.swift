// The items of a shard, read one after the other, so that memory does not grow with the list.

import TapFileSystem
import TapFormats

/// Reads the items of a store's items.csv in order.
struct ShardItems {
  private let file: File
  private let path: String
  private let rows: Int
  private var columnCount = 0
  /// Whether the table has weights.
  private(set) var hasWeights = false
  private var buffer: [UInt8] = []
  /// The place in `buffer` of the next record.
  private var place = 0
  private var fileOffset = 0
  private var isAtEnd = false

  private static let blockBytes = 1 << 20

  /// Opens the items of a shard.
  ///
  /// - Throws: ``FeatureError/damaged(path:problem:)`` if the first line is not that of items.csv.
  init(_ store: FeatureStore) throws(FeatureError) {
    let path = store.folder.items
    self.path = path
    rows = store.rowCount
    file = try onFiles { () throws(FileSystemError) in try File(reading: path) }
    let header = try record() ?? []
    guard let found = ItemTable.hasWeights(header) else { throw ItemTable.wrongHeader(path) }
    (hasWeights, columnCount) = (found, header.count)
  }

  /// The next item; nil at the end.
  mutating func next() throws(FeatureError) -> StoredItem? {
    guard let fields = try record() else { return nil }
    guard let item = ItemTable.item(fields, of: columnCount, rows: rows) else {
      throw .damaged(path: path, problem: "the line of '\(fields.first ?? "")' is not an item")
    }
    return item
  }

  private mutating func record() throws(FeatureError) -> [String]? {
    while true {
      if let end = endOfRecord() {
        let bytes = Array(buffer[place..<end])
        place = end
        do {
          guard let fields = try CSV.parse(bytes).first else { continue }
          return fields
        } catch { throw .damaged(path: path, problem: "\(error)") }
      }
      guard !isAtEnd else { return nil }
      try readBlock()
    }
  }

  /// The end of the next record in the buffer, behind its line feed; nil if more bytes must be read first. The last
  /// record of a file may have no line feed.
  private func endOfRecord() -> Int? {
    var isQuoted = false
    for index in place..<buffer.count {
      if buffer[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
      if buffer[index] == 0x0A, !isQuoted { return index + 1 }
    }
    return isAtEnd && place < buffer.count ? buffer.count : nil
  }

  private mutating func readBlock() throws(FeatureError) {
    buffer.removeSubrange(..<place)
    place = 0
    let (file, offset) = (file, fileOffset)
    let bytes = try onFiles { () throws(FileSystemError) in
      try file.read(at: offset, count: Self.blockBytes)
    }
    fileOffset += bytes.count
    isAtEnd = bytes.count < Self.blockBytes
    buffer += bytes
  }
}

/// The items of several shards, sorted by the bytes of their paths.
struct MergedItems {
  private var readers: [ShardItems]
  /// A binary heap of the next items, by path. The first entry has the smallest path.
  private var heap: [(item: StoredItem, shard: Int)] = []

  /// Whether some shard's table has weights.
  let hasWeights: Bool

  init(_ readers: [ShardItems]) throws(FeatureError) {
    self.readers = readers
    hasWeights = readers.contains(where: \.hasWeights)
    for shard in readers.indices { try push(shard) }
  }

  /// The next item and the index of its shard; nil at the end.
  mutating func next() throws(FeatureError) -> (item: StoredItem, shard: Int)? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink(0)
    }
    try push(first.shard)
    return first
  }

  private mutating func push(_ shard: Int) throws(FeatureError) {
    guard let item = try readers[shard].next() else { return }
    heap.append((item, shard))
    var place = heap.count - 1
    while place > 0, isBefore(place, (place - 1) / 2) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func sink(_ start: Int) {
    var place = start
    while true {
      var smallest = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count && isBefore(child, smallest) {
        smallest = child
      }
      guard smallest != place else { return }
      heap.swapAt(place, smallest)
      place = smallest
    }
  }

  private func isBefore(_ first: Int, _ second: Int) -> Bool {
    ByteKey(heap[first].item.item.path) < ByteKey(heap[second].item.item.path)
  }
}
