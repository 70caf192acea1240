// A store that has all rows is only read. This works beside a writer, beside other readers, and on a disk that cannot
// be written to.

import Dispatch
import Glibc
import Synchronization
import TapFeatures
import TapFileSystem
import TestSupport
import Testing

@Suite struct SharedStoreTests {
  private let source = StandInRows()

  private func extractor(_ dimensions: Int = 3) -> FeatureExtractor {
    FeatureExtractor(source: source, columns: [StandInRows.column(dimensions)], threads: 2)
  }

  /// A folder of nine images, and a store of eight of them with its list.
  private func withStore(
    _ body: (_ folder: String, _ list: ImageList, _ done: Extraction) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      _ = try Fixture.images(9, in: folder + "/images")
      let list = try ImageList(paths: [folder + "/images"]).filter { $0.path != "even/8.png" }
      let done = try extractor().extract(list, into: folder + "/store")
      #expect(done.computedRows == 8 && done.listRemains == nil)
      try body(folder, list, done)
    }
  }

  @Test func readersDoNotNeedTheLock() throws {
    try withStore { folder, list, done in
      let path = done.store.path
      let before = try Fixture.bytes(of: path)
      let inUse = FileSystemError.inUse(path: path, holder: Environment.processIdentifier)
      try withExtendedLifetime(FileLock(path: path + "/lock", resource: path)) { _ in
        let again = try extractor().extract(list, into: folder + "/store")
        #expect(again.items == done.items && again.computedRows == 0 && again.listRemains == nil)
        // Another list is not recorded, and the result says so. The features of this list are right.
        let part = list.filter { $0.label == "odd" }
        let other = try extractor().extract(part, into: folder + "/store")
        #expect(other.items.count == 4 && other.listRemains == inUse)
        try Fixture.check(other, of: part, dimensions: [3])
        // A caller that only reads gets no such message.
        var looking = extractor()
        looking.recordsList = false
        #expect(try looking.extract(part, into: folder + "/store").listRemains == nil)
        // A caller that must add rows, or a column, fails.
        let all = try ImageList(paths: [folder + "/images"])
        #expect(throws: FeatureError.file(inUse)) { try extractor().extract(all, into: folder + "/store") }
        #expect(throws: FeatureError.file(inUse)) { try extractor(7).extract(list, into: folder + "/store") }
      }
      #expect(try Fixture.bytes(of: path) == before)
      #expect(source.computedImages <= 9 + 2)
    }
  }

  /// This test mounts a disk, or runs as a user without root's rights.
  @Test func aReadOnlyDiskIsReadFrom() throws {
    try withTemporaryFolder { folder in
      let disk = folder + "/disk"
      try FileSystem.createDirectories(disk)
      func mount(_ arguments: String...) throws -> Bool {
        try Tool.run("/usr/bin/env", ["mount"] + arguments).status == 0
      }
      let isMounted = try geteuid() == 0 && mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", disk)
      if !isMounted, geteuid() == 0 { try Test.cancel("nobody may mount a disk here") }
      defer {
        if isMounted {
          _ = try? Tool.run("/usr/bin/env", ["umount", disk])
        } else {
          _ = try? Tool.run("/usr/bin/env", ["chmod", "-R", "u+w", disk])
        }
      }
      _ = try Fixture.images(9, in: folder + "/images")
      let list = try ImageList(paths: [folder + "/images"]).filter { $0.path != "even/8.png" }
      let done = try extractor().extract(list, into: disk + "/store")
      let before = try Fixture.bytes(of: done.store.path)
      if isMounted {
        try #require(try mount("-o", "remount,ro", disk))
      } else {
        try #require(try Tool.run("/usr/bin/env", ["chmod", "-R", "a-w", disk]).status == 0)
      }

      let again = try extractor().extract(list, into: disk + "/store")
      #expect(again.items == done.items && again.computedRows == 0 && again.listRemains == nil)
      let part = list.filter { $0.label == "odd" }
      let other = try extractor().extract(part, into: disk + "/store")
      try Fixture.check(other, of: part, dimensions: [3])
      #expect(other.listRemains?.isReadOnly == true)
      let all = try ImageList(paths: [folder + "/images"])
      let error = #expect(throws: FeatureError.self) { try extractor().extract(all, into: disk + "/store") }
      if isMounted { #expect(error.map { "\($0)" }?.contains("the disk is read-only") == true) }
      #expect(try Fixture.bytes(of: done.store.path) == before)
    }
  }

  @Test func severalAtOnceReadOneStore() throws {
    try withStore { folder, list, done in
      let failures = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: 8) { index in
        let part = list.filter { index.isMultiple(of: 2) || $0.label == "odd" }
        do {
          let read = try extractor().extract(part, into: folder + "/store")
          guard read.items.map(\.item) == part.items, read.computedRows == 0 else {
            return failures.withLock { $0.append("other items") }
          }
        } catch { failures.withLock { $0.append("\(error)") } }
      }
      #expect(failures.withLock { $0 } == [])
      let problems = try FeatureStore(path: done.store.path).verify().problems
      #expect(problems == [])
    }
  }

  /// Another process adds rows after the store was opened for reading.
  @Test func rowsThatAnotherAddedAreFound() throws {
    try withStore { folder, list, done in
      try Fixture.write(generatedPNG(seed: 100), folder + "/images/odd/98.png")
      try Fixture.write(generatedPNG(seed: 101), folder + "/images/odd/99.png")
      let all = try ImageList(paths: [folder + "/images"])
      let added = all.filter { $0.path == "odd/98.png" }
      var one = extractor()
      one.threads = 1
      let isFirst = Atomic(true)
      let other = extractor()
      let extraction = try one.extract(
        all, into: folder + "/store",
        progress: { _ in
          guard isFirst.exchange(false, ordering: .relaxed) else { return }
          let row = try? other.extract(added, into: folder + "/store").items.first?.row
          #expect(row == 8)
        })
      #expect(extraction.store.rowCount == 11)
      try Fixture.check(extraction, of: all, dimensions: [3])
      let keys = extraction.items.compactMap(\.key)
      #expect(Set(keys).count == 11)
      #expect(extraction.items.first { $0.item.path == "odd/98.png" }?.row == 8)
      #expect(done.store.rowCount == 8)
    }
  }

  /// A writer that was killed, or is active, leaves unfinished files. Readers read the committed rows, and the next
  /// writer removes the rest.
  @Test func whatAWriterLeftUnfinishedIsReadAround() throws {
    try withStore { folder, list, done in
      let path = done.store.path
      let before = try Fixture.bytes(of: path)
      let values = path + "/features/c3.npy"
      let size = try FileSystem.fileSize(values)
      try File(updating: values).write([1, 2, 3], at: size)
      try withExtendedLifetime(FileLock(path: path + "/lock", resource: path)) { _ in
        let again = try extractor().extract(list, into: folder + "/store")
        #expect(again.items == done.items)
      }
      #expect(try FileSystem.fileSize(values) == size + 3)
      _ = try extractor().extract(list, into: folder + "/store")
      #expect(try Fixture.bytes(of: path) == before)
    }
  }

  @Test func whoLooksLeavesTheList() throws {
    try withStore { folder, list, done in
      let all = try ImageList(paths: [folder + "/images"])
      var looking = extractor()
      looking.recordsList = false
      let looked = try looking.extract(all, into: folder + "/store")
      #expect(looked.items.count == 9 && looked.computedRows == 1 && looked.store.rowCount == 9)
      #expect(try FeatureStore(path: done.store.path).items() == done.items)
      // If no extraction recorded its list, the store has no list.
      let other = try looking.extract(all, into: folder + "/other")
      #expect(try other.store.items() == nil && other.store.listOrigin() == nil)
    }
  }

  @Test func aStoreSaysWhichListItIsOn() throws {
    try withStore { folder, list, done in
      let origin = try #require(done.store.listOrigin())
      #expect(origin == ListOrigin(folder: folder + "/images", command: []))
      let part = list.filter { $0.label == "odd" }
      let next = try extractor().extract(
        part, into: folder + "/store", provenance: ["command": .array([.string("layertap"), .string("x")])])
      #expect(next.listRemains == nil && next.store.listOrigin()?.command == ["layertap", "x"])
      #expect(try next.store.items()?.count == 4)
      // A record about another list is ignored.
      try AtomicWriter.replace(
        done.store.path + "/items.csv", with: "path,label,split,group,key,row,status\n")
      #expect(next.store.listOrigin() == nil)
    }
  }
}
