// The shard of an item, the hash of a list, and the names that users type. The expected numbers come from Python:
// 1 + int.from_bytes(hashlib.sha256(path.encode()).digest()[:8], "big") % n.

import TapFeatures
import TapFileSystem
import Testing

@Suite struct ShardTests {
  @Test(arguments: [
    ("cats/1.jpg", [(2, 1), (7, 2), (64, 5), (1000, 533)]),
    ("dogs/ä.png", [(2, 1), (7, 2), (64, 55), (1000, 551)]),
    ("a b.jpg", [(2, 1), (7, 4), (64, 13), (1000, 869)]),
  ])
  func anItemBelongsToOneShard(path: String, expected: [(count: Int, number: Int)]) {
    for (count, number) in expected {
      let holders = (1...count).filter { Shard(number: $0, of: count).contains(path: path) }
      #expect(holders == [number], "\(path) of \(count)")
    }
  }

  @Test(arguments: [
    "", "2", "0/3", "4/3", "-1/3", "1/0", "1/3/5", "1 / 3", "+1/3", "a/b", "1/1000001", "1/99999999999999999999",
  ])
  func otherTextsAreNoShards(text: String) { #expect(Shard(text) == nil) }

  @Test func textsAreRead() throws {
    let shard = try #require(Shard("2/7"))
    #expect(shard.number == 2 && shard.count == 7 && shard.text == "2/7")
    #expect(shard.name(of: "lite0-0123") == "lite0-0123-shard-2-of-7")
  }

  /// The expected hash is hashlib.sha256 of the table's text.
  @Test func theHashOfAListIsThatOfItsTable() {
    let list = ImageList(items: [
      ImageItem(path: "b,1.jpg", label: "dog", group: "g1", weight: 0.5),
      ImageItem(path: "a.jpg", label: "cat", split: .train),
    ])
    #expect(ListHash.of(list) == "752ae8d9ee400790feaf4c9ae4320fdf2cd45d91f3f77728d135168784ef29b1")
  }
}
