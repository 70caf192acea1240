// An extraction writes the rows of a list in its order, with any number of threads and any batch. Repeated contents get
// one row, and nothing is computed twice.

import Synchronization
import TapFeatures
import TapFileSystem
import TapImages
import TapProvenance
import TestSupport
import Testing

@Suite struct FeatureExtractorTests {
  @Test func extractsInListOrder() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(11, in: folder + "/images")
      let source = StandInRows()
      let extractor = FeatureExtractor(
        source: source, columns: [StandInRows.column(3), StandInRows.column(7)], threads: 2)
      let done = try extractor.extract(list, into: folder + "/store")
      #expect(done.items.map(\.item) == list.items)
      #expect(done.items.map(\.row) == Array(0..<11))
      #expect(done.computedRows == 11 && done.filledRows == 0)
      #expect(done.store.path == folder + "/store/" + source.identity.storeName)
      #expect(done.store.identity == source.identity)
      #expect(try done.store.items() == done.items)
      #expect(done.store.verify().problems == [] && done.store.verify().rowsChecked == 11)
      try Fixture.check(done, of: list, dimensions: [3, 7])
      #expect(
        try DirectoryWalk(done.store.path).files == [
          "features/c3.crc", "features/c3.npy", "features/c7.crc", "features/c7.npy", "items.csv", "rows.bin",
          "runs/000001.csv", "runs/000001.json", "store.json",
        ])

      let matrix = try done.store.matrix(StandInRows.column(7))
      #expect(matrix.rows == 11 && matrix.columns == 7)
      let image = try ImageDecoder.decode(FileSystem.read(list.location(of: list.items[4])))
      #expect(matrix.withRow(4) { $0[2] } == StandInRows.values(of: image, dimensions: 7)[2])

      let before = try Fixture.bytes(of: done.store.path)
      let again = try extractor.extract(list, into: folder + "/store")
      #expect(again.computedRows == 0 && again.items == done.items)
      #expect(source.computedImages == 11)
      #expect(try Fixture.bytes(of: done.store.path) == before)
      #expect(try FileSystem.list(done.store.path + "/runs") == ["000001.csv", "000001.json"])
    }
  }

  @Test(arguments: [1, 2, 5], [1, 3, 8])
  func bytesDoNotDependOnThreadsOrBatches(threads: Int, batch: Int) throws {
    try withTemporaryFolder { folder in
      let images = folder + "/images"
      _ = try Fixture.images(23, in: images)
      // Some contents repeat, before or after the first image in list order. Two files are no images.
      for (name, seed) in [("even/000.png", 8), ("odd/99.png", 3), ("odd/98.png", 99), ("even/97.png", 99)] {
        try Fixture.write(generatedPNG(seed: seed), images + "/" + name)
      }
      for name in ["even/5x.png", "odd/0.png"] {
        try Fixture.write(Array("no image".utf8), images + "/" + name)
      }
      let list = try ImageList(paths: [images])
      let columns = [StandInRows.column(2), StandInRows.column(5)]
      let plain = try FeatureExtractor(source: StandInRows(), columns: columns, threads: 1)
        .extract(list, into: folder + "/plain")
      let source = StandInRows(batch: batch, jitter: true)
      let done = try FeatureExtractor(source: source, columns: columns, threads: threads)
        .extract(list, into: folder + "/store")
      #expect(done.items == plain.items)
      #expect(done.computedRows == 24 && done.duplicates == 3)
      #expect(done.unreadable.map(\.path) == ["even/5x.png", "odd/0.png"])
      #expect(try Fixture.bytes(of: done.store.path) == Fixture.bytes(of: plain.store.path))
      try Fixture.check(done, of: list, dimensions: [2, 5])
    }
  }

  @Test func listsWhatItCannotRead() throws {
    try withTemporaryFolder { folder in
      let images = folder + "/images"
      _ = try Fixture.images(2, in: images)
      try Fixture.write(Array("hello, this is text".utf8), images + "/a-text.jpg")
      try Fixture.write([], images + "/b-empty.png")
      let truncated = Array(generatedPNG(seed: 5).prefix(120))
      try Fixture.write(truncated, images + "/c-truncated.png")
      try Fixture.write(generatedPNG(seed: 6), images + "/d-deleted.png")
      let list = try ImageList(paths: [images])
      try FileSystem.remove(images + "/d-deleted.png")
      let extractor = FeatureExtractor(source: StandInRows(), columns: [StandInRows.column(3)], threads: 2)
      let done = try extractor.extract(list, into: folder + "/store")
      #expect(
        done.unreadable.map(\.path) == ["a-text.jpg", "b-empty.png", "c-truncated.png", "d-deleted.png"])
      #expect(done.unreadable.last?.reason == "the file is missing")
      #expect(done.items.map(\.row) == [nil, nil, nil, nil, 0, 1])
      #expect(try done.store.items() == done.items)
      #expect(done.items[0].key != nil && done.items[3].key == nil)
    }
  }

  @Test func strictStopsAtTheFirst() throws {
    try withTemporaryFolder { folder in
      let images = folder + "/images"
      _ = try Fixture.images(6, in: images)
      try Fixture.write(Array("no image".utf8), images + "/odd/2.png")
      let list = try ImageList(paths: [images])
      var extractor = FeatureExtractor(source: StandInRows(), columns: [StandInRows.column(3)], threads: 1)
      extractor.stopsAtUnreadable = true
      let error = #expect(throws: FeatureError.self) { try extractor.extract(list, into: folder + "/store") }
      #expect(
        error?.description == "\(images)/odd/2.png: not an image: the contents look like text beginning "
          + "\"no image\"; expected JPEG or PNG")
      // The rows before the unreadable image are kept: the three rows of `even` and the row of odd/1.
      extractor.stopsAtUnreadable = false
      let done = try extractor.extract(list, into: folder + "/store")
      #expect(done.computedRows == 2 && done.unreadable.map(\.path) == ["odd/2.png"])
    }
  }

  @Test func namesDoNotDecide() throws {
    try withTemporaryFolder { folder in
      let jpeg = try FileSystem.read(Repository.path("Tests/Reference/images/fixtures/jpeg-420.jpg"))
      try Fixture.write(jpeg, folder + "/images/photo.png")
      try Fixture.write(generatedPNG(seed: 1), folder + "/images/photo.jpg")
      let extractor = FeatureExtractor(source: StandInRows(), columns: [StandInRows.column(3)], threads: 1)
      let done = try extractor.extract(ImageList(paths: [folder + "/images"]), into: folder + "/store")
      #expect(done.items.map(\.item.path) == ["photo.jpg", "photo.png"] && done.items.map(\.row) == [0, 1])
      let values = try done.store.matrix(StandInRows.column(3)).withRow(1) { $0[2] }
      #expect(values == StandInRows.values(of: try ImageDecoder.decode(jpeg), dimensions: 3)[2])
    }
  }

  @Test func renamedFilesKeepTheirRows() throws {
    try withTemporaryFolder { folder in
      let images = folder + "/images"
      let source = StandInRows()
      let extractor = FeatureExtractor(source: source, columns: [StandInRows.column(3)], threads: 1)
      _ = try extractor.extract(Fixture.images(4, in: images), into: folder + "/store")
      try FileSystem.rename(images + "/even/0.png", to: images + "/odd/zero.png")
      try Fixture.write(generatedPNG(seed: 50), images + "/even/1.png")
      let list = try ImageList(paths: [images])
      let done = try extractor.extract(list, into: folder + "/store")
      #expect(source.computedImages == 5)
      #expect(
        done.items.map(\.item.path) == ["even/1.png", "even/2.png", "odd/1.png", "odd/3.png", "odd/zero.png"])
      #expect(done.items.map(\.row) == [4, 1, 2, 3, 0])
      try Fixture.check(done, of: list, dimensions: [3])
    }
  }

  @Test func newRowsGetTheColumnsThatAreThere() throws {
    try withTemporaryFolder { folder in
      let images = folder + "/images"
      let list = try Fixture.images(6, in: images)
      let both = [StandInRows.column(2), StandInRows.column(4)]
      _ = try FeatureExtractor(source: StandInRows(), columns: both, threads: 1)
        .extract(list.prefix(3), into: folder + "/store")
      let done = try FeatureExtractor(source: StandInRows(), columns: [both[1]], threads: 1)
        .extract(list, into: folder + "/store")
      #expect(done.computedRows == 3)
      try Fixture.check(done, of: list, dimensions: [2, 4])
    }
  }

  @Test func otherIdentitiesLiveBeside() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(2, in: folder + "/images")
      for weights in ["a", "b"] {
        _ = try FeatureExtractor(source: StandInRows(weights: weights), columns: [StandInRows.column(2)])
          .extract(list, into: folder + "/store")
      }
      #expect(try FileSystem.list(folder + "/store").count == 2)
      let error = #expect(throws: FeatureError.self) { try FeatureStore(path: folder + "/store") }
      guard case .severalStores = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(FeatureStore.exists(at: folder + "/store"))
    }
  }

  @Test func stopsWhenAsked() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(20, in: folder + "/images")
      let columns = [StandInRows.column(3)]
      let asked = Atomic<Int>(0)
      let extractor = FeatureExtractor(source: StandInRows(jitter: true), columns: columns, threads: 2)
      let error = #expect(throws: FeatureError.self) {
        try extractor.extract(
          list, into: folder + "/store", shouldStop: { asked.add(1, ordering: .relaxed).newValue > 7 })
      }
      guard case .interrupted(let rows, let path) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(rows == 7)
      let store = try FeatureStore(path: path)
      let items = try #require(try store.items())
      #expect(items.map(\.row) == Array(0..<7) + [Int?](repeating: nil, count: 13))
      #expect(items.last?.status == .pending)
      let done = try extractor.extract(list, into: folder + "/store")
      #expect(done.computedRows == 13)
      let plain = try FeatureExtractor(source: StandInRows(), columns: columns, threads: 1)
        .extract(list, into: folder + "/plain")
      #expect(try Fixture.bytes(of: path) == Fixture.bytes(of: plain.store.path))
    }
  }

  @Test func countsContentsInSeveralSplits() throws {
    try withTemporaryFolder { folder in
      for (path, seed) in [
        ("train/a/1.png", 1), ("train/a/2.png", 2), ("test/a/3.png", 1), ("train/b/4.png", 2),
      ] {
        try Fixture.write(generatedPNG(seed: seed), folder + "/images/" + path)
      }
      let done = try FeatureExtractor(source: StandInRows(), columns: [StandInRows.column(1)])
        .extract(ImageList(paths: [folder + "/images"]), into: folder + "/store")
      #expect(done.duplicates == 2)
      #expect(done.contentsInSeveralSplits == 1)
    }
  }

  @Test func needsAColumn() throws {
    #expect(throws: FeatureError.noColumns) {
      try FeatureExtractor(source: StandInRows(), columns: []).extract(ImageList(items: []), into: "unused")
    }
  }
}
