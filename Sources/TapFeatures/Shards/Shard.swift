// A shard: the part of a list that one machine of several extracts. An item's shard depends only on the item's path and
// on the number of shards, so machines need not agree on anything else.

import TapFileSystem
import TapFormats

/// One of the parts of a list that several machines extract.
package struct Shard: Hashable, Sendable {
  /// The number of the shard, from 1 to ``count``.
  package let number: Int
  /// The number of shards.
  package let count: Int

  /// The largest number of shards.
  package static let maximumCount = 1_000_000

  /// - Precondition: `1 <= number <= count <= maximumCount`.
  package init(number: Int, of count: Int) {
    precondition(1 <= number && number <= count && count <= Self.maximumCount, "shard \(number) of \(count)")
    self.number = number
    self.count = count
  }

  /// Reads a text such as `2/7`; nil if the text is not a shard.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let number = Int(parts[0]), let count = Int(parts[1]), number >= 1, number <= count,
      count <= Self.maximumCount
    else { return nil }
    self.init(number: number, of: count)
  }

  /// The shard as users type it: `2/7`.
  package var text: String { "\(number)/\(count)" }

  /// Whether the item with this path, as in `items.csv`, belongs to the shard.
  ///
  /// The first 8 bytes of the SHA-256 of the path's bytes are read as a big-endian number h. The item belongs to the
  /// shard with the number 1 + h mod count. The path of an item in a tar file is that of the tar file.
  package func contains(path: String) -> Bool {
    let hash = SHA256.hash(Array(FileSystem.tarOrWhole(path).utf8)).prefix
    return Int(hash % UInt64(count)) + 1 == number
  }

  /// The items of the shard, in the order of the list.
  package func part(of list: ImageList) -> ImageList { list.filter { contains(path: $0.path) } }

  /// The name of the folder of the shard, for a store with this name.
  package func name(of store: String) -> String { "\(store)-shard-\(number)-of-\(count)" }
}
