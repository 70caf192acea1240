// A list keeps its order, its repeats and the user's own columns. Lists can lack a line of names, and can be tables as
// other programs write them.

import TapFeatures
import TapFileSystem
import TestSupport
import Testing

@Suite struct GivenOrderTests {
  private func stored(_ list: ImageList) -> [StoredItem] {
    list.items.enumerated().map { StoredItem(item: $1, status: .ok(key: "00", row: $0)) }
  }

  private func given(_ list: ImageList) -> [String] {
    list.inGivenOrder(stored(list)).map { "\($0.item.item.path)\($0.ownFields)" }
  }

  @Test func manifestsKeepOrderRepeatsAndColumns() throws {
    try withTemporaryFolder { folder in
      for name in ["a.png", "b.png", "c.png"] { try Fixture.write([], folder + "/" + name) }
      let path = folder + "/list.csv"
      let text = "trial,path,label, concept\n1,c.png,x,dog\n2,a.png,y,\"a, b\"\n3,z.png,y,\n4,c.png,x,cat\n"
      try AtomicWriter.replace(path, with: text)
      let list = try ImageList(manifest: path, allowsRepeats: true, notesOwnColumns: false)
      #expect(list.items.map(\.path) == ["a.png", "c.png"])
      #expect(list.ownColumns == ["trial", "concept"])
      #expect(given(list) == ["c.png[\"1\", \"dog\"]", "a.png[\"2\", \"a, b\"]", "c.png[\"4\", \"cat\"]"])
      #expect(list.notes == [] && list.unmatched == ["z.png"])
      // A part of the list keeps its rows.
      #expect(given(list.prefix(1)) == ["a.png[\"2\", \"a, b\"]"])
      // Training counts each image once, so in training a repeat is an error. Contradicting lines are always an error.
      let error = FeatureError.manifest(path: path, line: 5, problem: "the path c.png is on line 2 already")
      #expect(throws: error) { try ImageList(manifest: path) }
      try AtomicWriter.replace(path, with: "path,label\na.png,x\na.png,y\n")
      #expect(
        throws: FeatureError.manifest(
          path: path, line: 3,
          problem: "the path a.png is on line 2 already, with another label, split, group or weight")
      ) { try ImageList(manifest: path, allowsRepeats: true) }
    }
  }

  @Test func commandLinesKeepOrderAndRepeats() throws {
    try withTemporaryFolder { folder in
      for name in ["x/a.png", "x/b.png", "c.png"] { try Fixture.write([], folder + "/" + name) }
      let list = try ImageList(paths: ["c.png", "x", "c.png"].map { folder + "/" + $0 })
      #expect(list.items.count == 3)
      #expect(
        list.inGivenOrder(stored(list)).map(\.item.item.path)
          == ["c.png", "x/a.png", "x/b.png", "c.png"].map { folder + "/" + $0 })
      #expect(try ImageList(paths: [folder]).rows == nil)
    }
  }

  @Test(arguments: [
    "b, with comma.png\na \"quoted\".png\n", "\u{FEFF}b, with comma.png\r\n\r\na \"quoted\".png",
    "b, with comma.png\ra \"quoted\".png\r",
  ])
  func aListWithoutNamesHoldsPaths(text: String) throws {
    try withTemporaryFolder { folder in
      let names = ["b, with comma.png", "a \"quoted\".png"]
      for name in names { try Fixture.write([], folder + "/" + name) }
      for file in ["paths.txt", "paths.csv"] {
        try AtomicWriter.replace("\(folder)/\(file)", with: text)
        let list = try ImageList(manifest: "\(folder)/\(file)")
        #expect(given(list) == names.map { $0 + "[]" })
        #expect(list.items.allSatisfy { $0.label == nil })
      }
      let wide = Array(text.utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
      try AtomicWriter.replace(
        folder + "/wide.txt", with: text.utf16.first == 0xFEFF ? wide : [0xFF, 0xFE] + wide)
      #expect(given(try ImageList(manifest: folder + "/wide.txt")) == names.map { $0 + "[]" })
    }
  }

  @Test func aListThatSaysMoreNeedsNames() throws {
    try withTemporaryFolder { folder in
      try Fixture.write([], folder + "/a.png")
      for text in ["a.png,cat\nb.png,dog\n", "a.png 3\nb.png 4\n", "a.png\tcat\n", "a.png;cat\n"] {
        let path = folder + "/list.txt"
        try AtomicWriter.replace(path, with: text)
        let error = FeatureError.manifest(
          path: path, line: 1,
          problem:
            "no line names the columns: put one before it, such as path,label, or leave a path alone on every line"
        )
        #expect(throws: error, "\(text)") { try ImageList(manifest: path) }
      }
    }
  }

  @Test func aBlankBeforeAPathIsNamed() throws {
    try withTemporaryFolder { folder in
      try Fixture.write([], folder + "/a.png")
      let path = folder + "/list.csv"
      try AtomicWriter.replace(path, with: "path,label\n a.png,x\n")
      #expect(
        throws: FeatureError.manifest(
          path: path, line: 2,
          problem: "the path ' a.png' leads to no file, and does without its blanks: take them away")
      ) { try ImageList(manifest: path) }
    }
  }

  @Test(arguments: [
    ("list.csv", "sep=;\r\npath;label\r\na.png;x\r\n"), ("list.csv", "\"sep=\t\"\npath\tlabel\na.png\tx\n"),
    ("list.csv", "\u{FEFF}SEP=|\npath|label\na.png|x\n"), ("list.tsv", "path\tlabel\na.png\tx\n"),
    ("list.tsv", "path\tlabel\tnote, or not\na.png\tx\tn\n"), ("list.csv", "Filename;Class\na.png;x\n"),
    ("list.csv", " path , label\na.png, x\n"), ("list.csv", "\n\npath,label\na.png,x\n"),
    ("list.csv", "PATH,SPLIT,label\na.png,Training,x\n"),
  ])
  func tablesOfOtherProgramsAreRead(name: String, text: String) throws {
    try withTemporaryFolder { folder in
      try Fixture.write([], folder + "/a.png")
      let path = "\(folder)/\(name)"
      for isWide in [false, true] {
        let units = Array((text.utf16.first == 0xFEFF ? text : "\u{FEFF}" + text).utf16)
        try AtomicWriter.replace(
          path, with: isWide ? units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } : Array(text.utf8))
        let list = try ImageList(manifest: path)
        #expect(list.items.map(\.label) == ["x"], "\(text)")
      }
    }
  }
}

@Suite struct PathGroupingTests {
  @Test(
    arguments: [
      ("cut/part017_3.jpg", "part017"), ("frame0012.png", "frame"), ("a/clip (12).jpg", "clip"),
      ("0001.jpg", nil),
      ("plain.jpg", "plain"), ("x-12-7.jpeg", "x-12"), ("\u{E9}_1.png", "\u{E9}"), ("part017", "part"),
    ] as [(String, String?)])
  func stems(path: String, stem: String?) {
    #expect(PathGrouping.stem.group(of: path) == stem)
  }

  @Test func foldersAndExpressions() throws {
    #expect(PathGrouping.parent.group(of: "a/b/1.png") == "a/b")
    #expect(try PathGrouping.pattern(Regex("clip\\d+")).group(of: "a/clip12_3.png") == "clip12")
    #expect(try PathGrouping.pattern(Regex("(clip\\d+)_(\\d)")).group(of: "a/clip12_3.png") == "clip12")
    #expect(try PathGrouping.pattern(Regex("clip\\d+")).group(of: "a/1.png") == nil)
    #expect(try PathGrouping.pattern(Regex("^([^/]+)/")).group(of: "a\u{301}/\u{301}1.png") == "a\u{301}")
  }

  @Test func partsOfThingsAreNoticed() {
    let parts = (0..<12).flatMap { part in (0..<6).map { "c\(part % 2)/part\(100 + part)_\($0).jpg" } }
    let found = PathGrouping.families(parts, classes: 2)
    #expect(found?.images == 72 && found?.stems == 12 && found?.example == "part100_0.jpg")
    let frames = (0..<6).flatMap { clip in (0..<9).map { "clip\(clip)-\($0 * 25).png" } }
    #expect(PathGrouping.families(frames, classes: 2)?.stems == 6)
    // Common ways to number images show no groups: a stem for each class, one stem for all, numbers alone, times of
    // day.
    #expect(PathGrouping.families((0..<40).map { "c\($0 % 2)/name\($0 % 2)_\($0).jpg" }, classes: 2) == nil)
    #expect(PathGrouping.families((0..<40).map { "c\($0 % 2)/IMG_\($0).jpg" }, classes: 2) == nil)
    #expect(PathGrouping.families((0..<40).map { "c/\($0).jpg" }, classes: 1) == nil)
    #expect(
      PathGrouping.families(
        (0..<40).map { "IMG_2024010\($0 % 8)_1\($0 * 7919 % 90000 + 10000).jpg" }, classes: 2) == nil)
    #expect(PathGrouping.families(parts + (0..<80).map { "other\($0)x.jpg" }, classes: 2) == nil)
  }
}
