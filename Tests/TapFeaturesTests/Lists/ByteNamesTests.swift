// Names are compared by their bytes. Unicode's normalization forms are different names, and a combining character does
// not hide a slash.

import TapFeatures
import TapFileSystem
import TestSupport
import Testing

private let composed = "\u{E9}"
private let decomposed = "e\u{301}"

@Suite struct ByteNamesTests {
  private func touch(_ names: [String], in folder: String) throws {
    for name in names { try Fixture.write([], folder + "/" + name) }
  }

  @Test func normalizationFormsAreDifferentFiles() throws {
    try withTemporaryFolder { folder in
      let names = [composed, decomposed].flatMap { name in (0..<6).map { "a/\(name)\($0).png" } }
      try touch(names + (0..<6).map { "b/\($0).png" }, in: folder)
      let list = try ImageList(paths: [folder])
      #expect(list.items.count == 18)
      #expect(Set(list.items).count == 18)
      #expect(ImageItem(path: composed) != ImageItem(path: decomposed))

      let text = "path,label\n" + names.map { "\($0),x\n" }.joined()
      try AtomicWriter.replace(folder + "/list.csv", with: text)
      #expect(try ImageList(manifest: folder + "/list.csv").items.count == 12)
    }
  }

  @Test func normalizationFormsAreDifferentClasses() throws {
    try withTemporaryFolder { folder in
      try touch(["\(composed)/1.png", "\(decomposed)/2.png", "train/3.png"].dropLast(), in: folder)
      let names = try ImageList(paths: [folder]).classNames
      #expect(names.map { Array($0.utf8) } == [Array(decomposed.utf8), Array(composed.utf8)])
    }
  }

  @Test func aCombiningCharacterHidesNoSlashAndNoDot() throws {
    try withTemporaryFolder { folder in
      try touch(["cat/\u{301}1.png", "cat/\u{301}.png", "cat/.\u{301}x.png", "\u{301}dog/2.png"], in: folder)
      let list = try ImageList(paths: [folder])
      #expect(
        list.items == [
          ImageItem(path: "cat/\u{301}.png", label: "cat"),
          ImageItem(path: "cat/\u{301}1.png", label: "cat"),
          ImageItem(path: "\u{301}dog/2.png", label: "\u{301}dog"),
        ])
      for item in list.items { #expect(FileSystem.exists(list.location(of: item))) }
      try touch(["train/\u{301}a/1.png", "test/\u{301}a/1.png"], in: folder + "/splits")
      #expect(
        try ImageList(paths: [folder + "/splits"]).items == [
          ImageItem(path: "test/\u{301}a/1.png", label: "\u{301}a", split: .test),
          ImageItem(path: "train/\u{301}a/1.png", label: "\u{301}a", split: .train),
        ])
    }
  }
}
