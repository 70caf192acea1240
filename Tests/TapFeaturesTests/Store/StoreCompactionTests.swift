// A compacted store is the store of one run on the images that stay, and after any interruption the old or the new one.

import TapFeatures
import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite struct StoreCompactionTests {
  private static func extractor() -> FeatureExtractor {
    FeatureExtractor(source: StandInRows(), columns: [2, 5].map(StandInRows.column), threads: 2)
  }

  /// Extracts the second half of a list, then the whole list, so that the rows are in another order than those of one
  /// run.
  private static func extractTwice(_ list: ImageList, into parent: String) throws -> String {
    let extractor = extractor()
    let half = Set(list.items.suffix(list.items.count / 2).map(\.path))
    _ = try extractor.extract(list.filter { half.contains($0.path) }, into: parent)
    return try extractor.extract(list, into: parent).store.path
  }

  /// The images of a list whose files exist.
  private static func present(_ list: ImageList) -> ImageList {
    list.filter { FileSystem.exists(list.location(of: $0)) }
  }

  private static func whole(_ list: ImageList, into parent: String) throws -> FeatureStore {
    try extractor().extract(list, into: parent).store
  }

  private static func copy(_ source: String, to target: String) throws {
    guard FileSystem.isDirectory(source) else {
      return try File(creating: target).write(FileSystem.read(source), at: 0)
    }
    try FileSystem.createDirectories(target)
    for name in try FileSystem.list(source) { try copy(source + "/" + name, to: target + "/" + name) }
  }

  /// The images that are removed: some, all that have weights, and all that are copies or originals of copies.
  enum Gone: CaseIterable {
    case someFiles, allWithWeights, copies, originals

    func takes(_ item: ImageItem, _ index: Int) -> Bool {
      switch self {
      case .someFiles: index % 3 == 1
      case .allWithWeights: item.weight != nil
      case .copies: item.label == "copy"
      case .originals: item.label != "copy" && index % 2 == 0
      }
    }
  }

  @Test(arguments: Gone.allCases)
  func aCompactedStoreIsThatOfOneRun(gone: Gone) throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.mixedImages(30, in: folder + "/images")
      let path = try Self.extractTwice(list, into: folder + "/store")
      let old = try FeatureStore(path: path)
      for (index, item) in list.items.enumerated() where gone.takes(item, index) {
        try FileSystem.remove(list.location(of: item))
      }
      let rest = Self.present(list)
      let fresh = try Self.whole(rest, into: folder + "/fresh")
      #expect(rest.items.count < list.items.count && rest.items.count > 4)

      let examined = try StoreCompaction(folder + "/store").examine()
      #expect(try FeatureStore(path: path).keys == old.keys)
      let result = try StoreCompaction(folder + "/store").run()
      #expect(result.counts == examined)
      #expect(result.counts.items == list.items.count)
      #expect(result.counts.droppedItems == list.items.count - rest.items.count)
      #expect(result.counts.droppedRows == old.rowCount - fresh.rowCount && result.counts.unlistedRows == 0)
      #expect(try Fixture.bytes(of: path) == Fixture.bytes(of: fresh.path))
      #expect(result.store.listOrigin() == fresh.listOrigin() && result.store.listOrigin() != nil)
      #expect(try FileSystem.list(folder + "/store") == FileSystem.list(folder + "/fresh"))
      #expect(result.store.verify().problems == [])
      let items = try #require(try result.store.items())
      try Fixture.check(
        Extraction(store: result.store, items: items, computedRows: 0, filledRows: 0), of: list, dimensions: [2, 5])

      // The records of the two runs stay, and the store is complete for the images that stay.
      #expect(try FileSystem.list(path + "/runs") == ["000001.csv", "000001.json", "000002.json"])
      let source = StandInRows()
      let again = FeatureExtractor(source: source, columns: [2, 5, 3].map(StandInRows.column), threads: 1)
      #expect(try again.extract(rest.prefix(1), into: folder + "/store").filledRows == fresh.rowCount)
      #expect(try StoreCompaction(path).run().counts.droppedItems == 0)
    }
  }

  @Test func rowsOfOtherListsStayWhileTheirImagesExist() throws {
    try withTemporaryFolder { folder in
      let first = try Fixture.images(8, in: folder + "/first")
      try writeGeneratedClasses(8..<14, to: folder + "/second")
      let second = try ImageList(paths: [folder + "/second"])
      let parent = folder + "/store"
      _ = try Self.whole(first, into: parent)
      let path = try Self.whole(second, into: parent).path
      let before = try Fixture.bytes(of: path)
      let none = try StoreCompaction(path).run()
      #expect(none.counts.areNone && none.counts.unlistedRows == 8 && none.counts.rows == 14)
      #expect(try Fixture.bytes(of: path) == before)

      try FileSystem.remove(first.location(of: first.items[2]))
      try FileSystem.remove(second.location(of: second.items[0]))
      let rest = Self.present(second)
      let some = try StoreCompaction(path).run()
      #expect(some.counts.droppedItems == 1 && some.counts.droppedRows == 2 && some.counts.unlistedRows == 7)
      let kept =
        try Self.whole(rest, into: folder + "/a").keys + Self.whole(Self.present(first), into: folder + "/b").keys
      #expect(try PlainReader(path).keys == kept.map(\.hex))
      #expect(try PlainReader(path).isIntact("c5") && some.store.verify().problems == [])
      #expect(try some.store.items()?.map(\.item) == rest.items)

      var rule = CompactionRule()
      rule.dropsUnlisted = true
      #expect(try StoreCompaction(path, rule).run().counts.droppedRows == 7)
      #expect(try Fixture.bytes(of: path) == Fixture.bytes(of: Self.whole(rest, into: folder + "/a").path))
    }
  }

  @Test func aGivenListSaysWhichImagesStay() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(9, in: folder + "/images")
      let path = try Self.extractTwice(list, into: folder + "/store")
      let wanted = [list.items[1], list.items[4], list.items[8]]
      try writeGeneratedClasses(20..<21, to: folder + "/images")
      let names = wanted.map(\.path) + ["even/20.png", "even/missing.png"]
      try Fixture.write(Array("path\n\(names.joined(separator: "\n"))\n".utf8), folder + "/keep.csv")
      var rule = CompactionRule()
      rule.list = folder + "/keep.csv"
      let before = try Fixture.bytes(of: path)
      let copied = try StoreCompaction(path, rule, into: folder + "/new").run()
      #expect(copied.counts.droppedItems == 6 && copied.counts.droppedRows == 6 && copied.counts.unknownItems == 1)
      let fresh = try Self.whole(list.filter { wanted.contains($0) }, into: folder + "/fresh")
      #expect(try Fixture.bytes(of: copied.store.path) == Fixture.bytes(of: fresh.path))
      #expect(try FileSystem.list(folder + "/new") == FileSystem.list(folder + "/fresh"))
      #expect(try Fixture.bytes(of: path) == before)
      #expect(throws: FeatureError.mergedAlready(path: copied.store.path)) {
        try StoreCompaction(path, rule, into: folder + "/new")
      }
      #expect(try StoreCompaction(path, rule).run().counts.droppedRows == 6)
      #expect(try Fixture.bytes(of: path) == Fixture.bytes(of: fresh.path))
    }
  }

  /// A compaction that stops after any of its operations leaves the old or the new store, and the next one leaves
  /// nothing else.
  @Test(arguments: [0, 0.6])
  func afterAnyFailureTheStoreIsOldOrNew(partialShare: Double) throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.mixedImages(9, in: folder + "/images")
      let name = FileSystem.name(of: try Self.extractTwice(list, into: folder + "/store"))
      for item in list.items.prefix(5) { try FileSystem.remove(list.location(of: item)) }
      let before = try Fixture.bytes(of: folder + "/store/" + name)
      try Self.copy(folder + "/store", to: folder + "/counted")
      let counter = WriteFaults()
      var compaction = try StoreCompaction(folder + "/counted")
      compaction.faults = counter
      let after = try Fixture.bytes(of: compaction.run().store.path)
      #expect(after != before && counter.operations > 50)
      var found: [Bool] = []
      for first in 0..<counter.operations {
        let parent = folder + "/\(first)"
        try Self.copy(folder + "/store", to: parent)
        var failing = try StoreCompaction(parent)
        failing.faults = WriteFaults(failingFrom: first, partialShare: partialShare)
        #expect(throws: FeatureError.self, "operation \(first)") { try failing.run() }
        let bytes = try Fixture.bytes(of: parent + "/" + name)
        #expect(bytes == before || bytes == after, "operation \(first)")
        found.append(bytes == after)
        #expect(try FeatureStore(path: parent).verify().problems == [], "operation \(first)")
        #expect(try Fixture.bytes(of: StoreCompaction(parent).run().store.path) == after, "operation \(first)")
        #expect(try FileSystem.list(parent) == [name], "operation \(first)")
      }
      // The exchange is one operation: before it the store is the old one, behind it the new one.
      #expect(found.first == false && found.last == true && found == found.filter { !$0 } + found.filter { $0 })
    }
  }

  @Test(arguments: [0, 0.6])
  func aCopyContinuesAfterAnyFailure(partialShare: Double) throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.mixedImages(6, in: folder + "/images")
      let path = try Self.extractTwice(list, into: folder + "/store")
      let name = FileSystem.name(of: path)
      try FileSystem.remove(list.location(of: list.items[0]))
      let before = try Fixture.bytes(of: path)
      let counter = WriteFaults()
      var compaction = try StoreCompaction(path, into: folder + "/counted")
      compaction.faults = counter
      let after = try Fixture.bytes(of: compaction.run().store.path)
      for first in 0..<counter.operations {
        let parent = folder + "/\(first)"
        var failing = try StoreCompaction(path, into: parent)
        failing.faults = WriteFaults(failingFrom: first, partialShare: partialShare)
        #expect(throws: FeatureError.self, "operation \(first)") { try failing.run() }
        if !FileSystem.exists(parent + "/" + name) { _ = try StoreCompaction(path, into: parent).run() }
        #expect(try Fixture.bytes(of: parent + "/" + name) == after, "operation \(first)")
      }
      #expect(try Fixture.bytes(of: path) == before)
    }
  }

  /// The next writer of a store removes the folder that a killed compaction left.
  @Test func anExtractionRemovesWhatAKilledCompactionLeft() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(6, in: folder + "/images")
      let path = try Self.whole(list, into: folder + "/store").path
      try FileSystem.remove(list.location(of: list.items[0]))
      var failing = try StoreCompaction(path)
      failing.faults = WriteFaults(failingFrom: 20)
      #expect(throws: FeatureError.self) { try failing.run() }
      #expect(try FileSystem.list(folder + "/store").count == 2)
      try writeGeneratedClasses(6..<7, to: folder + "/images")
      _ = try Self.whole(ImageList(paths: [folder + "/images"]), into: folder + "/store")
      #expect(try FileSystem.list(folder + "/store") == [FileSystem.name(of: path)])
    }
  }

  @Test func writersExcludeEachOther() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(6, in: folder + "/images")
      let path = try Self.whole(list, into: folder + "/store").path
      try FileSystem.remove(list.location(of: list.items[0]))
      let identity = StandInRows().identity
      do {
        let writer = try FeatureStoreWriter(parent: folder + "/store", identity: identity)
        let error = #expect(throws: FeatureError.self) { try StoreCompaction(path).run() }
        guard case .file(.inUse) = error else {
          Issue.record("\(String(describing: error))")
          return
        }
        #expect(writer.committedRows == 6)
      }
      var refusals = 0
      let result = try StoreCompaction(path).run(progress: { _, _ in
        do { _ = try FeatureStoreWriter(parent: folder + "/store", identity: identity) } catch { refusals += 1 }
      })
      #expect(refusals == 5 && result.store.rowCount == 5)
      #expect(try FeatureStoreWriter(parent: folder + "/store", identity: identity).committedRows == 5)
    }
  }
}
