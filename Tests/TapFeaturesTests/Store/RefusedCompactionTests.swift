// Stores that cannot be compacted stay as they are, and the error says what to do.

import TapFeatures
import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite struct RefusedCompactionTests {
  private static func extractor() -> FeatureExtractor {
    FeatureExtractor(source: StandInRows(), columns: [2, 5].map(StandInRows.column), threads: 2)
  }

  /// Calls `body` with the path of a store of eight images, one of which is gone, and with their list.
  private static func withStore(_ body: (_ path: String, _ list: ImageList, _ folder: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(8, in: folder + "/images")
      let path = try extractor().extract(list, into: folder + "/store").store.path
      try FileSystem.remove(list.location(of: list.items[3]))
      try body(path, list, folder)
    }
  }

  /// Expects that a compaction is refused with this text, and that it changes no file.
  private static func expectRefusal(_ path: String, _ text: String, _ rule: CompactionRule = CompactionRule()) throws {
    let parent = FileSystem.parent(of: path)
    let (before, names) = (try Fixture.bytes(of: path), try FileSystem.list(parent))
    let error = #expect(throws: FeatureError.self, "\(text)") { try StoreCompaction(path, rule).run() }
    #expect(error.map { "\($0)" }?.contains(text) == true, "\(String(describing: error)) for \(text)")
    #expect(try Fixture.bytes(of: path) == before && FileSystem.list(parent) == names)
  }

  @Test func aShardIsRefused() throws {
    try Self.withStore { _, list, folder in
      let shard = Shard(number: 2, of: 3)
      let rest = list.filter { FileSystem.exists(list.location(of: $0)) }
      let extractor = Self.extractor()
      let part = try extractor.extract(
        shard.part(of: rest), into: extractor.workFolder(of: shard, below: folder + "/shards"))
      let path = try extractor.complete(shard, of: rest, part, below: folder + "/shards").store.path
      try Self.expectRefusal(path, "it is shard 2/3 of a list")
    }
  }

  @Test func aDiskThatIsNotThereIsRefused() throws {
    try Self.withStore { path, list, folder in
      try FileSystem.rename(folder + "/images", to: folder + "/moved")
      try Self.expectRefusal(path, "none of the 8 images of its list is there, such as \(folder)/images/even/0.png")
      var rule = CompactionRule()
      rule.folder = folder + "/moved"
      let moved = try StoreCompaction(path, rule).run()
      #expect(moved.counts.droppedItems == 1 && moved.store.rowCount == 7)
      #expect(moved.store.listOrigin()?.folder == folder + "/moved")
      rule.list = folder + "/other.csv"
      try Fixture.write(Array("path\neven/20.png\n".utf8), folder + "/other.csv")
      try writeGeneratedClasses(20..<21, to: folder + "/moved")
      try Self.expectRefusal(path, "no image of its list is in \(folder)/other.csv", rule)
    }
  }

  @Test func anUnknownListIsRefused() throws {
    try Self.withStore { path, _, folder in
      try FileSystem.remove(path + "/.list.json")
      try Self.expectRefusal(path, "name the folder with --images")
      var rule = CompactionRule()
      rule.folder = folder + "/images"
      #expect(try StoreCompaction(path, rule).examine().droppedItems == 1)
      try FileSystem.remove(path + "/items.csv")
      try Self.expectRefusal(path, "it has no list of images", rule)
      try Self.expectRefusal(path, "it has no list of images")
    }
    try withTemporaryFolder { folder in
      _ = #expect(throws: FeatureError.notAStore(path: folder)) { try StoreCompaction(folder) }
    }
  }

  /// Every changed byte of the values, check sums, keys or items is found, and the store stays as it is.
  @Test(arguments: ["features/c5.npy", "features/c2.crc", "rows.bin", "items.csv"])
  func damagedStoresAreRefused(file: String) throws {
    try Self.withStore { path, _, folder in
      var bytes = try FileSystem.read(path + "/" + file)
      bytes[bytes.count - 2] ^= 1
      try AtomicWriter.replace(path + "/" + file, with: bytes)
      var rule = CompactionRule()
      rule.folder = folder + "/images"
      try Self.expectRefusal(path, "the store is damaged", rule)
    }
  }

  /// The error number 22 is that of a file system that cannot exchange folders.
  @Test func aFileSystemWithoutExchangesIsRefused() throws {
    try Self.withStore { path, _, _ in
      let before = try Fixture.bytes(of: path)
      let texts = try (0..<8).map { first in
        var compaction = try StoreCompaction(path)
        compaction.faults = WriteFaults(failingFrom: first, code: 22)
        let error = #expect(throws: FeatureError.self) { try compaction.run() }
        return error.map { "\($0)" } ?? ""
      }
      #expect(texts.contains { $0.hasSuffix("name a folder for the new store with --into") }, "\(texts)")
      #expect(try Fixture.bytes(of: path) == before)
      #expect(try StoreCompaction(path).run().store.rowCount == 7)
    }
  }

  @Test func anInterruptionLeavesTheStore() throws {
    try Self.withStore { path, _, _ in
      let before = try Fixture.bytes(of: path)
      for calls in 0..<15 {
        var count = 0
        #expect(throws: FeatureError.interrupted(rows: 8, path: path), "\(calls)") {
          try StoreCompaction(path).run(shouldStop: {
            count += 1
            return count > calls
          })
        }
        #expect(try Fixture.bytes(of: path) == before)
        #expect(try FileSystem.list(FileSystem.parent(of: path)).count == 1)
      }
    }
  }
}
