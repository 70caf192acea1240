// shard.json: the list and the number of a shard. Only the folder of a complete shard has this file.

import TapFileSystem
import TapFormats

extension FeatureStore {
  /// The number of the shard and of all shards, if the store is a shard; nil for a store of a whole list.
  package func shard() throws(FeatureError) -> Shard? { try ShardRecord(in: folder)?.shard }
}

/// The contents of shard.json.
struct ShardRecord: Hashable, Sendable {
  /// The format that this program writes. It is also the latest format that this program reads.
  private static let format = 1

  let shard: Shard
  /// The hash of the whole list, in hexadecimal; see ``ListHash``.
  let listHash: String

  init(_ shard: Shard, listHash: String) {
    self.shard = shard
    self.listHash = listHash
  }

  /// Reads the record of the store in `folder`; nil if the store is no shard.
  init?(in folder: StoreFolder) throws(FeatureError) {
    let path = folder.shard
    guard FileSystem.exists(path) else { return nil }
    let bytes = try onFiles { () throws(FileSystemError) in
      try FileSystem.read(path, atMost: FileSystem.documentLimit)
    }
    do {
      let json = try JSONValue.parse(bytes)
      let format = try json.int("format")
      guard format <= Self.format else {
        throw FeatureError.laterFormat(path: folder.path, format: format, known: Self.format)
      }
      let (number, count) = (try json.int("shard"), try json.int("shards"))
      guard let shard = Shard("\(number)/\(count)") else {
        throw FeatureError.damaged(path: path, problem: "there is no shard \(number) of \(count)")
      }
      self.init(shard, listHash: try json.string("listHash"))
    } catch let error as FeatureError {
      throw error
    } catch {
      throw .damaged(path: path, problem: "\(error)")
    }
  }

  func write(to folder: StoreFolder, faults: WriteFaults?) throws(FileSystemError) {
    let json = JSONValue.object([
      "format": .integer(Self.format), "listHash": .string(listHash), "shard": .integer(shard.number),
      "shards": .integer(shard.count),
    ])
    try AtomicWriter.replace(folder.shard, with: json.pretty + "\n", faults: faults)
  }
}

/// The SHA-256 of a list's columns path, label, split, group and weight. The bytes are those of a table with these five
/// columns: the first line `path,label,split,group,weight`, then a line for each item, sorted by path. The table is
/// written as items.csv is.
package struct ListHash {
  private var hash = SHA256()

  init() { add(["path", "label", "split", "group", "weight"]) }

  mutating func add(_ item: ImageItem) {
    add([
      item.path, item.label ?? "", item.split?.rawValue ?? "", item.group ?? "",
      item.weight.map { "\($0)" } ?? "",
    ])
  }

  private mutating func add(_ fields: [String]) { hash.update(Array(CSV.line(fields).utf8)) }

  /// The hash in hexadecimal.
  consuming func finalize() -> String { hash.finalize().hex }

  package static func of(_ list: ImageList) -> String {
    var hash = ListHash()
    for item in list.items { hash.add(item) }
    return hash.finalize()
  }
}
