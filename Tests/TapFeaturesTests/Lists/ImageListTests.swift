// Lists from folders: their order, labels and splits by the folders' names, and skipped files.

import TapFeatures
import TapFileSystem
import TestSupport
import Testing

/// Creates empty files below `folder`.
private func touch(_ names: [String], in folder: String) throws {
  for name in names { try Fixture.write([], folder + "/" + name) }
}

@Suite struct ImageListTests {
  @Test func classFolders() throws {
    try withTemporaryFolder { folder in
      try touch(
        ["10/a.png", "2/b.JPG", "2/deep/er/c.jpeg", "cat/d.Png", "cat/.hidden.png", "cat/notes.txt", "x"],
        in: folder)
      let list = try ImageList(paths: [folder])
      #expect(list.items.map(\.path) == ["10/a.png", "2/b.JPG", "2/deep/er/c.jpeg", "cat/d.Png"])
      #expect(list.items.map(\.label) == ["10", "2", "2", "cat"])
      #expect(list.items.allSatisfy { $0.split == nil && $0.group == nil })
      #expect(list.classNames == ["10", "2", "cat"])
      #expect(list.skippedFiles == 2)
      #expect(list.folder == folder)
      #expect(list.location(of: list.items[0]) == folder + "/10/a.png")
    }
  }

  @Test func splitFolders() throws {
    try withTemporaryFolder { folder in
      try touch(
        ["train/a/1.png", "train/b/2.png", "val/a/3.png", "test/b/x/4.png", "test/5.png", "README.md"],
        in: folder)
      let list = try ImageList(paths: [folder])
      #expect(
        list.items.map(\.path) == [
          "test/5.png", "test/b/x/4.png", "train/a/1.png", "train/b/2.png", "val/a/3.png",
        ])
      #expect(list.items.map(\.split) == [.test, .test, .train, .train, .validation])
      #expect(list.items.map(\.label) == [nil, "b", "a", "b", "a"])
    }
  }

  @Test(arguments: ["val", "valid", "validation"])
  func namesOfTheValidationSplit(name: String) throws {
    try withTemporaryFolder { folder in
      try touch(["\(name)/a/1.png", "train/a/2.png"], in: folder)
      #expect(Set(try ImageList(paths: [folder]).items.map(\.split)) == [.validation, .train])
    }
  }

  @Test func aClassMayBeCalledLikeASplit() throws {
    try withTemporaryFolder { folder in
      try touch(["valid/1.png", "invalid/2.png"], in: folder)
      let list = try ImageList(paths: [folder])
      #expect(list.items.map(\.label) == ["invalid", "valid"])
      #expect(list.items.allSatisfy { $0.split == nil })
    }
  }

  @Test func splitsBesideClassesAreAnError() throws {
    try withTemporaryFolder { folder in
      try touch(["train/a/1.png", "test/a/2.png", "extra/3.png", "notes/readme.txt"], in: folder)
      #expect(
        throws: FeatureError.splitsMixedWithClasses(
          folder: folder, splits: ["test", "train"], others: ["extra"])
      ) {
        try ImageList(paths: [folder])
      }
    }
  }

  @Test func flatFoldersHaveNoLabels() throws {
    try withTemporaryFolder { folder in
      try touch(["b.png", "a.jpg"], in: folder)
      let list = try ImageList(paths: [folder + "/"])
      #expect(list.items == [ImageItem(path: "a.jpg"), ImageItem(path: "b.png")])
      #expect(list.classNames == [])
    }
  }

  @Test func severalArgumentsKeepTheirNames() throws {
    try withTemporaryFolder { folder in
      try touch(["one/x/1.png", "two/2.png", "three.dat"], in: folder)
      let list = try ImageList(paths: [
        folder + "/two", folder + "/one", folder + "/three.dat", folder + "/two/2.png",
      ])
      #expect(list.items.map(\.path) == ["one/x/1.png", "three.dat", "two/2.png"].map { folder + "/" + $0 })
      #expect(list.items.map(\.label) == ["x", nil, nil])
      #expect(list.location(of: list.items[1]) == folder + "/three.dat")
    }
  }

  @Test func sayWhatIsNotThere() throws {
    try withTemporaryFolder { folder in
      try touch(["notes.txt"], in: folder)
      #expect(throws: FeatureError.noImages(paths: [folder], skipped: "1 .txt")) {
        try ImageList(paths: [folder])
      }
      #expect(
        "\(FeatureError.noImages(paths: ["photos"], skipped: "1 .txt"))"
          == "no JPEG or PNG images in photos: files there are 1 .txt; convert images to JPEG or PNG")
      #expect(throws: FeatureError.file(.systemCall(call: "read", path: folder + "/no", errno: 2))) {
        try ImageList(paths: [folder + "/no"])
      }
    }
  }

  @Test func takesTheFirst() {
    let list = ImageList(items: ["c", "a", "b", "a"].map { ImageItem(path: $0) })
    #expect(list.items.map(\.path) == ["a", "b", "c"])
    #expect(list.prefix(2).items.map(\.path) == ["a", "b"])
    #expect(list.prefix(9).items.count == 3)
    #expect(list.filter { $0.path != "b" }.items.map(\.path) == ["a", "c"])
  }
}

@Suite struct ManifestTests {
  private func manifest(_ text: String, in folder: String) throws -> String {
    let path = folder + "/list.csv"
    try AtomicWriter.replace(path, with: text)
    return path
  }

  @Test func readsColumnsByName() throws {
    try withTemporaryFolder { folder in
      try touch(["1.png", "b/2.png", "3, with comma.png"], in: folder)
      let path = try manifest(
        "\u{FEFF}split,path,id,label,group\r\ntrain,b/2.png,7,cat,g1\r\n,\"3, with comma.png\",8,\"a \"\"dog\"\"\",\r\n"
          + "valid,1.png,9,,\r\n", in: folder)
      let list = try ImageList(manifest: path)
      #expect(
        list.items == [
          ImageItem(path: "1.png", split: .validation),
          ImageItem(path: "3, with comma.png", label: "a \"dog\""),
          ImageItem(path: "b/2.png", label: "cat", split: .train, group: "g1"),
        ])
      #expect(list.folder == folder)
      #expect(list.notes == ["\(path): the column id is not used"])
      #expect(list.unmatched == [])
    }
  }

  @Test(
    arguments: [
      ("path;label;split\n1.png;a,b;test\n", []), ("Path\tLABEL\tsplit\n1.png\ta,b\ttest\n", []),
      ("path, label , split\n1.png, \"a,b\", test\n", []),
      (",Path,Label,Split\n0,1.png,\"a,b\",test\n", []),
      (
        "split,file,class\ntest,1.png,\"a,b\"\n",
        ["the column file is taken for the path", "the column class is taken for the label"]
      ),
      (
        "Image,label,split,class\n1.png,\"a,b\",test,c\n",
        ["the column Image is taken for the path", "the column class is not used"]
      ),
    ] as [(String, [String])])
  func readsWhatOtherProgramsWrite(text: String, notes: [String]) throws {
    try withTemporaryFolder { folder in
      try touch(["1.png"], in: folder)
      let path = try manifest(text, in: folder)
      let list = try ImageList(manifest: path)
      #expect(list.items == [ImageItem(path: "1.png", label: "a,b", split: .test)])
      #expect(list.notes == notes.map { "\(path): \($0)" })
    }
  }

  @Test func pathsAreRelativeToTheFolderOrTheManifest() throws {
    try withTemporaryFolder { folder in
      try touch(["images/1.png", "lists/1.png"], in: folder)
      let path = folder + "/lists/list.csv"
      try AtomicWriter.replace(path, with: "path\n1.png\n\(folder)/images/1.png\n")
      let own = try ImageList(manifest: path)
      #expect(own.items.map(own.location) == ["\(folder)/images/1.png", "\(folder)/lists/1.png"])
      let other = try ImageList(manifest: path, folder: folder + "/images")
      #expect(other.location(of: other.items[1]) == folder + "/images/1.png")
    }
  }

  @Test func listsWhatMatchesNothing() throws {
    try withTemporaryFolder { folder in
      try touch(["1.png"], in: folder)
      let path = try manifest("path,label\nz.png,a\n1.png,a\n2.png,b\n", in: folder)
      let list = try ImageList(manifest: path)
      #expect(list.items.map(\.path) == ["1.png"])
      #expect(list.unmatched == ["z.png", "2.png"])
      let none = try manifest("path,label\nz.png,a\n", in: folder)
      #expect(throws: FeatureError.manifestMatchesNothing(path: none, folder: folder, firstMissing: "z.png")) {
        try ImageList(manifest: none)
      }
    }
  }

  @Test(arguments: [
    ("", nil, "the file is empty; expected the line path,label"),
    ("label,split\na,b\n", 1, "the first line must name the columns, path among them; found label,split"),
    ("path,path\na,b\n", 1, "the column path is there twice"),
    ("Path,path\na,b\n", 1, "the column path is there twice"),
    (
      "file,image\na,b\n", 1, "it has no column path, and file and image may be it: name one of them path"
    ),
    ("p\0a\0t\0h\0", nil, "the text is UTF-16 without a byte order mark: save it as UTF-8"),
    ("path,label\n1.png\n", 2, "expected 2 fields, found 1"),
    ("path,label\n,a\n", 2, "the path is empty"),
    (
      "path,split\n1.png,train\n\n2.png,holdout\n", 4,
      "the split is holdout; expected train, val (or valid, validation) or test"
    ),
    ("path,label\n1.png,a\n2.png,b\n1.png,b\n", 4, "the path 1.png is on line 2 already"),
    ("path,label\n1.png,\"a\n", nil, "line 2: a quoted field has no closing quote"),
    ("path,label\n", nil, "it lists no images"),
  ])
  func saysWhatIsWrongWhere(text: String, line: Int?, problem: String) throws {
    try withTemporaryFolder { folder in
      let path = try manifest(text, in: folder)
      #expect(throws: FeatureError.manifest(path: path, line: line, problem: problem)) {
        try ImageList(manifest: path)
      }
    }
  }
}
