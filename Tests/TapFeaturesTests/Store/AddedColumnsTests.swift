// Columns that are added later are filled in row order. The work can resume at any point, and gives the same bytes as
// columns that are there from the start.

import Synchronization
import TapFeatures
import TapFileSystem
import TapProvenance
import TestSupport
import Testing

@Suite struct AddedColumnsTests {
  static let first = StandInRows.column(2)
  static let second = StandInRows.column(5)
  static let third = StandInRows.column(3)

  static func extractor(_ columns: [Column], _ source: StandInRows = StandInRows()) -> FeatureExtractor {
    FeatureExtractor(source: source, columns: columns, threads: 2)
  }

  /// The bytes of a store of the same list to which all columns were written at once.
  static func reference(_ list: ImageList, _ folder: String) throws -> [String: [UInt8]] {
    try Fixture.bytes(of: extractor([first, second, third]).extract(list, into: folder).store.path)
  }

  @Test func givesTheBytesOfOneRun() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(9, in: folder + "/images")
      let parent = folder + "/store"
      _ = try Self.extractor([Self.first]).extract(list, into: parent)
      let source = StandInRows(batch: 4)
      let done = try Self.extractor([Self.second, Self.first, Self.third], source).extract(list, into: parent)
      #expect(done.filledRows == 9 && done.computedRows == 0 && source.computedImages == 9)
      #expect(done.store.columns.map(\.column) == [Self.first, Self.second, Self.third])
      #expect(try Fixture.bytes(of: done.store.path) == Self.reference(list, folder + "/plain"))
      try Fixture.check(done, of: list, dimensions: [2, 5, 3])
    }
  }

  @Test func fillsOldRowsThenAddsNewOnes() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(9, in: folder + "/images")
      let parent = folder + "/store"
      _ = try Self.extractor([Self.first]).extract(list.prefix(4), into: parent)
      let done = try Self.extractor([Self.second, Self.third]).extract(list, into: parent)
      #expect(done.filledRows == 4 && done.computedRows == 5)
      #expect(try Fixture.bytes(of: done.store.path) == Self.reference(list, folder + "/plain"))
    }
  }

  @Test func everyPrefixOfTheOperationsCanBeResumed() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(5, in: folder + "/images")
      let expected = try Self.reference(list, folder + "/plain")
      let counter = WriteFaults()
      for first in 0... {
        let parent = folder + "/\(first)"
        _ = try Self.extractor([Self.first]).extract(list, into: parent)
        var adding = Self.extractor([Self.second, Self.third])
        adding.faults = first == 0 ? counter : WriteFaults(failingFrom: first - 1, partialShare: 0.6)
        if first == 0 {
          _ = try adding.extract(list, into: parent)
        } else {
          #expect(throws: FeatureError.self) { try adding.extract(list, into: parent) }
          let store = try FeatureStore(path: parent)
          #expect(store.verify().problems == [] && store.rowCount == 5)
          _ = try Self.extractor([Self.second, Self.third]).extract(list, into: parent)
        }
        let store = try FeatureStore(path: parent)
        #expect(try Fixture.bytes(of: store.path) == expected, "operation \(first - 1)")
        if first == counter.operations { break }
      }
      #expect(counter.operations > 20)
    }
  }

  @Test func goesOnWhereItStopped() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(12, in: folder + "/images")
      let parent = folder + "/store"
      _ = try Self.extractor([Self.first]).extract(list, into: parent)
      let asked = Atomic<Int>(0)
      // `shouldStop` is called twelve times during the search for the rows' images.
      let error = #expect(throws: FeatureError.self) {
        try Self.extractor([Self.second]).extract(
          list, into: parent, shouldStop: { asked.add(1, ordering: .relaxed).newValue > 12 + 7 })
      }
      guard case .interrupted(12, _) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(try FeatureStore(path: parent).columns.map(\.column) == [Self.first])
      let source = StandInRows()
      let done = try Self.extractor([Self.second, Self.third], source).extract(list, into: parent)
      // One column had seven of its rows. The other column needs all images.
      #expect(source.computedImages == 12)
      #expect(try Fixture.bytes(of: done.store.path) == Self.reference(list, folder + "/plain"))

      let another = folder + "/another"
      _ = try Self.extractor([Self.first]).extract(list, into: another)
      asked.store(0, ordering: .relaxed)
      #expect(throws: FeatureError.self) {
        try Self.extractor([Self.second]).extract(
          list, into: another, shouldStop: { asked.add(1, ordering: .relaxed).newValue > 12 + 7 })
      }
      let resuming = StandInRows()
      _ = try Self.extractor([Self.second], resuming).extract(list, into: another)
      #expect(resuming.computedImages == 5)
    }
  }

  @Test func saysWhichRowsHaveNoImage() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(6, in: folder + "/images")
      let parent = folder + "/store"
      let done = try Self.extractor([Self.first]).extract(list, into: parent)
      // One image is missing, and another file has replaced a second image.
      try FileSystem.remove(list.location(of: list.items[4]))
      try Fixture.write(generatedPNG(seed: 99), list.location(of: list.items[5]))
      #expect(throws: FeatureError.imagesOfRowsMissing(path: done.store.path, missing: 2, rows: 6)) {
        try Self.extractor([Self.second]).extract(list.prefix(4), into: parent)
      }
      // The existing columns can still be extended.
      #expect(try Self.extractor([Self.first]).extract(list.prefix(4), into: parent).computedRows == 0)
    }
  }

  /// Another list needs a column that the store lacks. The images of the first list are found at their old paths, even
  /// if the run that computed their rows was killed before it recorded its list.
  @Test(arguments: [false, true]) func findsImagesOfEarlierLists(losesRecord: Bool) throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(6, in: folder + "/images")
      let parent = folder + "/store"
      let done = try Self.extractor([Self.first]).extract(list.prefix(4), into: parent)
      if losesRecord {
        try FileSystem.removeTree(done.store.path + "/runs")
        _ = try Self.extractor([Self.first]).extract(list.prefix(4), into: parent)
      }
      let rest = list.filter { list.items[4...].contains($0) }
      let source = StandInRows()
      let added = try Self.extractor([Self.second, Self.third], source).extract(rest, into: parent)
      #expect(added.filledRows == 4 && added.computedRows == 2 && source.computedImages == 6)
      let reference = try Self.reference(list, folder + "/plain")
      for (name, bytes) in try Fixture.bytes(of: added.store.path) where name != "items.csv" {
        #expect(bytes == reference[name], "\(name)")
      }
    }
  }

  /// The list lacks its first two images and its last one, and needs a column that the store lacks.
  @Test func dropsRowsWithoutImagesWhenAsked() throws {
    try withTemporaryFolder { folder in
      var list = try Fixture.images(9, in: folder + "/images")
      let rest = list.filter { ![0, 1, 8].contains(list.items.firstIndex(of: $0)) }
      let expected = try Fixture.bytes(
        of: Self.extractor([Self.first, Self.second]).extract(rest, into: folder + "/plain").store.path)
      let counter = WriteFaults()
      for first in 0... {
        let parent = folder + "/\(first)"
        list = try Fixture.images(9, in: folder + "/images")
        _ = try Self.extractor([Self.first]).extract(list, into: parent)
        for item in list.items where !rest.items.contains(item) {
          try FileSystem.remove(list.location(of: item))
        }
        var dropping = Self.extractor([Self.second])
        dropping.dropsMissingRows = true
        dropping.faults = first == 0 ? counter : WriteFaults(failingFrom: first - 1, partialShare: 0.6)
        if first == 0 {
          let done = try dropping.extract(rest, into: parent)
          #expect(done.filledRows == 6 && done.computedRows == 0 && done.store.rowCount == 6)
        } else {
          #expect(throws: FeatureError.self) { try dropping.extract(rest, into: parent) }
          dropping.faults = nil
          _ = try dropping.extract(rest, into: parent)
        }
        let store = try FeatureStore(path: parent)
        #expect(store.verify().problems == [])
        #expect(try Fixture.bytes(of: store.path) == expected, "operation \(first - 1)")
        #expect(try FileSystem.list(parent) == [FileSystem.name(of: store.path)])
        if first == counter.operations { break }
      }
      #expect(counter.operations > 30)
    }
  }
}
