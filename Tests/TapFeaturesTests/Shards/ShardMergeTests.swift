// Shards, merged in any order and after any interruption, are the store of one run.

import TapFeatures
import TapFileSystem
import TestSupport
import Testing

@Suite struct ShardMergeTests {
  private static func extractor(_ columns: [Int] = [2, 5]) -> FeatureExtractor {
    FeatureExtractor(source: StandInRows(), columns: columns.map(StandInRows.column), threads: 2)
  }

  /// Extracts all shards of a list below `parent`. Returns their folders.
  private static func shards(
    _ count: Int, of list: ImageList, below parent: String, extractor: FeatureExtractor = extractor()
  ) throws -> [String] {
    try (1...count).map { number in
      let shard = Shard(number: number, of: count)
      let extraction = try extractor.extract(
        shard.part(of: list), into: extractor.workFolder(of: shard, below: parent))
      return try extractor.complete(shard, of: list, extraction, below: parent).store.path
    }
  }

  private static func whole(_ list: ImageList, below parent: String) throws -> [String: [UInt8]] {
    try bytes(of: extractor().extract(list, into: parent).store.path)
  }

  /// The bytes of a store's files except those that readers ignore.
  private static func bytes(of store: String) throws -> [String: [UInt8]] {
    try Fixture.bytes(of: store).filter { !$0.key.hasPrefix(".") }
  }

  @Test(arguments: [1, 2, 7, 64])
  func mergedShardsAreTheStoreOfOneRun(count: Int) throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.mixedImages(30, in: folder + "/images")
      let expected = try Self.whole(list, below: folder + "/whole")
      #expect(expected.keys.sorted().contains("features/c5.npy"))
      let shards = try Self.shards(count, of: list, below: folder + "/shards")
      #expect(try shards.allSatisfy { try FeatureStore(path: $0).verify().problems.isEmpty })
      let merged = try ShardMerge(shards.reversed(), into: folder + "/merged").run()
      #expect(try Self.bytes(of: merged.store.path) == expected)
      #expect(merged.items == list.items.count && merged.unreadable == 3)
      #expect(merged.store.verify().problems == [])
      // A folder of shards stands for the shards in it.
      let again = try ShardMerge([folder + "/shards"], into: folder + "/again").run()
      #expect(try Self.bytes(of: again.store.path) == expected)
      #expect(try FileSystem.list(folder + "/again").count == 1)
    }
  }

  @Test func aLaterColumnIsComputedFromTheRecordedPlaces() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.mixedImages(9, in: folder + "/images")
      _ = try Self.shards(3, of: list, below: folder + "/shards")
      _ = try ShardMerge([folder + "/shards"], into: folder + "/merged").run()
      let added = try Self.extractor([2, 5, 3]).extract(list.prefix(1), into: folder + "/merged")
      #expect(added.filledRows == added.store.rowCount && added.store.columns.count == 3)
    }
  }

  @Test(arguments: [0, 0.6])
  func aMergeContinuesAfterAnyFailure(partialShare: Double) throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.mixedImages(12, in: folder + "/images")
      let shards = try Self.shards(3, of: list, below: folder + "/shards")
      let counter = WriteFaults()
      var merge = try ShardMerge(shards, into: folder + "/counted")
      merge.faults = counter
      let expected = try Self.bytes(of: merge.run().store.path)
      #expect(counter.operations > 20)
      for first in 0..<counter.operations {
        let parent = folder + "/\(first)"
        var failing = try ShardMerge(shards, into: parent)
        failing.faults = WriteFaults(failingFrom: first, partialShare: partialShare)
        #expect(throws: FeatureError.self, "operation \(first)") { try failing.run() }
        if FileSystem.exists(failing.path) {
          #expect(try Self.bytes(of: failing.path) == expected, "operation \(first)")
        }
        let merged = try ShardMerge(shards, into: parent).run()
        #expect(try Self.bytes(of: merged.store.path) == expected, "operation \(first)")
        #expect(try FileSystem.list(parent).count == 1, "operation \(first)")
      }
    }
  }

  @Test func anInterruptedMergeKeepsItsRows() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.mixedImages(12, in: folder + "/images")
      let shards = try Self.shards(2, of: list, below: folder + "/shards")
      var calls = 0
      #expect(throws: FeatureError.self) {
        try ShardMerge(shards, into: folder + "/merged").run(shouldStop: {
          calls += 1
          return calls > 9
        })
      }
      let merged = try ShardMerge(shards, into: folder + "/merged").run()
      #expect(merged.earlierRows > 0)
      #expect(try Self.bytes(of: merged.store.path) == Self.whole(list, below: folder + "/whole"))
    }
  }

  @Test func aCompleteShardIsNotExtractedAgain() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.mixedImages(12, in: folder + "/images")
      let shard = Shard(number: 2, of: 3)
      let extractor = Self.extractor()
      #expect(try extractor.completeShard(shard, of: list, below: folder + "/shards") == nil)
      let paths = try Self.shards(3, of: list, below: folder + "/shards")
      let found = try #require(try extractor.completeShard(shard, of: list, below: folder + "/shards"))
      #expect(found.store.path == paths[1] && found.items.map(\.item) == shard.part(of: list).items)
      #expect(throws: FeatureError.self) {
        try extractor.completeShard(shard, of: list.prefix(9), below: folder + "/shards")
      }
      #expect(throws: FeatureError.self) {
        try Self.extractor([2, 3]).completeShard(shard, of: list, below: folder + "/shards")
      }
    }
  }

  @Test func otherShardsAreRefused() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.mixedImages(12, in: folder + "/images")
      let shards = try Self.shards(3, of: list, below: folder + "/shards")
      let others = try Self.shards(3, of: list.prefix(9), below: folder + "/list")
      let columns = try Self.shards(3, of: list, below: folder + "/columns", extractor: Self.extractor([2, 3]))
      let weights = try Self.shards(
        3, of: list, below: folder + "/weights",
        extractor: FeatureExtractor(
          source: StandInRows(weights: "others"), columns: [StandInRows.column(2)], threads: 1))
      let store = try Self.extractor().extract(list, into: folder + "/whole").store.path
      for (paths, text) in [
        ([shards[0], shards[2]], "1 of the 3 shards are missing: 2"),
        (shards + [shards[1]], "both shard 2/3"),
        ([shards[0], others[1], shards[2]], "of another list"),
        ([shards[0], columns[1], shards[2]], "has the columns"),
        ([shards[0], weights[1], shards[2]], "another backbone"),
        ([shards[0], try Self.shards(2, of: list, below: folder + "/two")[1]], "same number of shards"),
        ([store], "no shard"), ([folder + "/images"], "no shard"), ([folder + "/none"], "does not exist"),
        ([folder + "/images/broken/0.png"], "not a feature store"),
      ] {
        let error = #expect(throws: FeatureError.self, "\(text)") { try ShardMerge(paths, into: folder + "/m") }
        #expect(error.map { "\($0)" }?.contains(text) == true, "\(String(describing: error)) for \(text)")
      }
      _ = try ShardMerge(shards, into: folder + "/m").run()
      #expect(throws: FeatureError.mergedAlready(path: folder + "/m/" + StandInRows().identity.storeName)) {
        try ShardMerge(shards, into: folder + "/m")
      }
    }
  }

  /// Every changed byte of a shard's values, check sums, keys or items is found, and no store is left.
  @Test(arguments: ["features/c5.npy", "features/c2.crc", "rows.bin", "items.csv"])
  func damagedShardsAreRefused(file: String) throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.mixedImages(9, in: folder + "/images")
      let shards = try Self.shards(2, of: list, below: folder + "/shards")
      let path = shards[1] + "/" + file
      var bytes = try FileSystem.read(path)
      bytes[bytes.count - 2] ^= 1
      try AtomicWriter.replace(path, with: bytes)
      #expect(throws: FeatureError.self) { try ShardMerge(shards, into: folder + "/merged").run() }
      #expect(!FileSystem.exists(folder + "/merged/" + StandInRows().identity.storeName))
    }
  }
}
