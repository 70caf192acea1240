// Images in tar files are listed with their labels, and give the rows of the same files on the disk.

import TapFeatures
import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite struct TarListTests {
  private static func tar(_ name: String, of files: String, in folder: String) throws {
    let outcome = try Tool.run("/usr/bin/env", ["tar", "-cf", name, "-C", files, "."], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// Writes images and the texts beside them to `files`, and packs them.
  private static func pack(_ texts: [String: String], images: [String], in folder: String) throws -> String {
    for (index, name) in images.enumerated() {
      try Fixture.write(generatedPNG(seed: index), "\(folder)/files/\(name)")
    }
    for (name, text) in texts { try Fixture.write(Array(text.utf8), "\(folder)/files/\(name)") }
    try tar("x.tar", of: "files", in: folder)
    return folder + "/x.tar"
  }

  @Test func labelsComeFromTheFilesBesideTheImages() throws {
    try withTemporaryFolder { folder in
      let path = try Self.pack(
        [
          "1.cls": "7\n", "1.json": "{\"label\": \"no\", \"split\": \"test\", \"breed\": \"pug\"}",
          "2.json": "{\n  \"class\": \"cat\", \"weight\": 0.5, \"group\": 3, \"box\": [1], \"breed\": \"manx\"\n}",
          "2.txt": "a long caption", "b/3.txt": " dog ", "4.cls": "", ".hidden.png": "", "notes.md": "text",
          "5.webp": "RIFF1234WEBPVP8 ",
        ], images: ["1.png", "2.left.png", "2.right.PNG", "b/3.png", "4.png"], in: folder)
      let list = try ImageList(paths: [path])
      #expect(
        list.items == [
          ImageItem(path: path + "/1.png", label: "7", split: .test),
          ImageItem(path: path + "/2.left.png", label: "cat", group: "3", weight: 0.5),
          ImageItem(path: path + "/2.right.PNG", label: "cat", group: "3", weight: 0.5),
          ImageItem(path: path + "/4.png"), ImageItem(path: path + "/b/3.png", label: "dog"),
        ])
      #expect(list.skippedFiles == 2 && list.warnings.count == 1)
      let breeds = try ImageList(paths: [path], labelField: "breed")
      #expect(breeds.items.map(\.label) == ["pug", "manx", "manx", nil, nil])
      let plain = try ImageList(paths: [path], filter: PathFilter(exclude: ["b"]), isLabeled: false)
      #expect(plain.items.map(\.label) == [nil, nil, nil, nil])
    }
  }

  @Test(arguments: [
    ("1.json", "[1]", "/1.json: expected an object such as {\"label\": \"cat\"}, found an array"),
    ("1.json", "{\"label\"", "/1.json: line 1, column 9: expected \":\""),
    ("1.json", "{\"label\": [2]}", "/1.png: expected a text or an integer in the field label, found [2]"),
    ("1.json", "{\"split\": \"holdout\"}", "/1.png: the split is holdout; expected train"),
    ("1.cls", String(repeating: "7", count: 4097), "/1.cls: expected at most 4096 bytes, found 4097 bytes"),
  ])
  func wrongFilesBesideImagesAreNamed(name: String, text: String, problem: String) throws {
    try withTemporaryFolder { folder in
      let path = try Self.pack([name: text], images: ["1.png"], in: folder)
      let error = #expect(throws: FeatureError.self) { try ImageList(paths: [path]) }
      #expect(error.map { "\($0)" }?.hasPrefix(path + problem) == true, "\(String(describing: error))")
    }
  }

  /// The rows have the values and the keys of the files on the disk. A shard has whole tar files. Later columns are
  /// computed from the tar files, and a compaction drops the rows of a tar file that is gone.
  @Test func rowsAreThoseOfTheFiles() throws {
    try withTemporaryFolder { folder in
      for part in 0..<3 {
        try writeGeneratedClasses(part * 6..<(part + 1) * 6, to: "\(folder)/files/\(part)")
        try Self.tar("\(part).tar", of: "files/\(part)", in: folder)
      }
      let files = try ImageList(paths: [folder + "/files"], isLabeled: false)
      let tars = try ImageList(paths: (0..<3).map { "\(folder)/\($0).tar" })
      let columns = [2, 5].map(StandInRows.column)
      let extractor = FeatureExtractor(source: StandInRows(), columns: columns, threads: 3)
      let expected = try extractor.extract(files, into: folder + "/a").store
      let found = try extractor.extract(tars, into: folder + "/b").store
      #expect(found.rowCount == 18 && found.keys == expected.keys)
      for name in ["rows.bin", "features/c2.npy", "features/c5.npy", "features/c5.crc"] {
        #expect(try FileSystem.read(found.path + "/" + name) == FileSystem.read(expected.path + "/" + name), "\(name)")
      }
      for number in 1...2 {
        let part = Shard(number: number, of: 2).part(of: tars).items
        for tar in 0..<3 {
          #expect([0, 6].contains(part.count { $0.path.hasPrefix("\(folder)/\(tar).tar/") }), "\(number), \(tar)")
        }
      }
      let more = FeatureExtractor(source: StandInRows(), columns: [StandInRows.column(3)], threads: 2)
      #expect(try more.extract(tars.prefix(1), into: folder + "/b").filledRows == 18)
      try FileSystem.remove(folder + "/1.tar")
      _ = try extractor.extract(tars.prefix(12), into: folder + "/b")
      let compacted = try StoreCompaction(folder + "/b").run()
      #expect(compacted.counts.droppedItems == 6 && compacted.store.rowCount == 12)
      #expect(compacted.store.keys == found.keys.enumerated().filter { $0.offset / 6 != 1 }.map(\.element))
    }
  }

  @Test func aListNamesFilesInTarFiles() throws {
    try withTemporaryFolder { folder in
      let path = try Self.pack([:], images: ["1.png", "2.png"], in: folder)
      try Fixture.write(Array("path,label\nx.tar/2.png,cat\nx.tar/3.png,dog\n".utf8), folder + "/list.csv")
      let list = try ImageList(manifest: folder + "/list.csv")
      #expect(list.items == [ImageItem(path: "x.tar/2.png", label: "cat")] && list.unmatched == ["x.tar/3.png"])
      try Fixture.write([1, 2, 3], path)
      #expect(throws: FeatureError.self) { try ImageList(manifest: folder + "/list.csv") }
      let error = #expect(throws: FeatureError.self) { try ImageList(paths: [path]) }
      guard case .file(.damagedTar) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }
}
