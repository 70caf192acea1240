// A folder can be a split, a class, or a folder around them. If two readings are possible, the program refuses the
// folder.

import TapFeatures
import TapFileSystem
import TestSupport
import Testing

private func list(
  _ names: [String], _ folders: FolderReading = .automatic, filter: PathFilter = PathFilter(),
  empty: [String] = []
) throws -> ImageList {
  try withTemporaryFolder { folder in
    for name in names { try Fixture.write([], folder + "/photos/" + name) }
    for name in empty { try FileSystem.createDirectories(folder + "/photos/" + name) }
    return try ImageList(paths: [folder + "/photos"], filter: filter, folders: folders)
  }
}

/// The text of the error, without the temporary folder's name.
private func failure(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    let text = "\(error)"
    return text.contains("/photos ") ? String(text.split(separator: "/photos ", maxSplits: 1)[1]) : text
  }
}

@Suite struct FolderLayoutTests {
  @Test(arguments: [
    ("Training", "Testing"), ("Train", "TEST"), ("TRAIN", "test"), ("training_set", "test_set"),
    ("trainset", "testset"),
  ])
  func splitsInAnyCase(train: String, test: String) throws {
    let list = try list(["\(train)/a/1.png", "\(train)/b/2.png", "\(test)/a/3.png"])
    #expect(list.classNames == ["a", "b"])
    #expect(
      Set(list.items.map { "\($0.split?.rawValue ?? "") \($0.path)" }) == [
        "train \(train)/a/1.png", "train \(train)/b/2.png", "test \(test)/a/3.png",
      ])
    #expect(list.warnings == [])
  }

  @Test(arguments: ["valid", "Validation", "VAL", "dev", "Dev"])
  func validationInAnyCase(name: String) throws {
    let list = try list(["Train/a/1.png", "\(name)/a/2.png", "TEST/a/3.png"])
    #expect(Set(list.items.map(\.split)) == [.train, .validation, .test])
  }

  /// Each folder's name contains the name of one split.
  @Test func splitsAmongOtherLettersAreSaid() throws {
    let names = ["seg_train/a/1.png", "seg_train/b/2.png", "seg_test/a/3.png", "seg_test/b/4.png"]
    let taken = try list(names)
    #expect(taken.items.map(\.split) == [.test, .test, .train, .train])
    #expect(
      taken.warnings.count == 1 && taken.warnings[0].contains("seg_test/ for test, seg_train/ for train"))
    #expect(try list(names, .classes).classNames == ["seg_test", "seg_train"])
    #expect(try list(["toy_train/1.png", "steam_train/2.png"]).classNames == ["steam_train", "toy_train"])
  }

  @Test(arguments: [
    // Classes stand beside a test folder.
    (
      ["cat/1.png", "dog/2.png", "Test/cat/3.png"],
      "holds Test/ beside cat/, dog/, which may be splits or classes"
    ),
    (["cat/1.png", "dog/2.png", "test/3.png"], "holds test/ beside cat/, dog/"),
    (["train/1.png", "bus/2.png", "car/3.png"], "holds train/ beside bus/, car/"),
    // There is no train/, and the two folders have no class in common.
    (
      ["valid/a/1.png", "test/b/2.png"],
      "holds test/, valid/, which may be splits or classes: say --folders splits or"
    ),
    (["valid/1.png", "test/2.png"], "holds test/, valid/, which may be"),
    (
      ["train/a/1.png", "eval/a/2.png"],
      "holds eval/, which may be for choosing or for the final test: rename it"
    ),
  ])
  func whatMayBeBothIsRefused(names: [String], message: String) throws {
    let text = failure { _ = try list(names) }
    #expect(text.hasPrefix(message), "\(text)")
    #expect(text.contains("--folders classes"), "\(text)")
    // If the folders are read as classes, every image has the name of its first folder as label.
    let classes = try list(names, .classes)
    #expect(
      classes.items.allSatisfy { $0.split == nil && $0.path.hasPrefix($0.label.map { $0 + "/" } ?? "-") })
  }

  @Test func whatIsClearIsTaken() throws {
    #expect(try list(["valid/a/1.png", "test/a/2.png"]).items.map(\.split) == [.test, .validation])
    #expect(try list(["test/a/1.png", "test/b/2.png"]).items.map(\.split) == [.test, .test])
    #expect(try list(["train/1.png", "test/2.png"]).items.map(\.split) == [.test, .train])
    #expect(try list(["valid/a/1.png", "test/b/2.png"], .splits).items.map(\.split) == [.test, .validation])
    #expect(failure { _ = try list(["a/1.png", "b/2.png"], .splits) }.contains("beside a/, b/"))
    #expect(
      try list(["cat/1.png", "test/cat/3.png", "test/dog/4.png"], filter: PathFilter(exclude: ["cat/*.png"]))
        .classNames == [
          "cat", "dog",
        ])
  }

  @Test func foldersAroundEverythingAreSaid() throws {
    let flowers = try list(["flowers/flowers/rose/1.png", "flowers/flowers/tulip/2.png"])
    #expect(flowers.classNames == ["rose", "tulip"])
    #expect(flowers.warnings.count == 1 && flowers.warnings[0].contains("all images lie in flowers/flowers/"))
    let splits = try list(["set/train/a/1.png", "set/test/a/2.png"])
    #expect(splits.items.map(\.split) == [.test, .train] && splits.classNames == ["a"])
    #expect(splits.warnings.count == 1 && splits.warnings[0].contains("taken for the splits"))
    let inner = try list(["train/x/a/1.png", "train/x/b/2.png", "test/x/a/3.png", "test/x/b/4.png"])
    #expect(inner.classNames == ["a", "b"] && inner.warnings.count == 1, "\(inner.warnings)")
    // A single folder that contains images is a class, even if it also contains a folder.
    #expect(try list(["cat/1.png", "cat/more/2.png"]).classNames == ["cat"])
    #expect(try list(["cat/more/2.png"]).warnings == [])
    #expect(try list(["flowers/rose/1.png", "flowers/tulip/2.png"], .classes).classNames == ["flowers"])
  }

  @Test func classesThatLookLikeOneAreSaid() throws {
    let alike = try list(["Cat/1.png", "cat/2.png", "hot dog/3.png", "hotdog /4.png", "fish/5.png"])
    #expect(alike.classNames.count == 5)
    #expect(
      alike.warnings == [
        "2 times classes differ by case or blanks alone, as 'Cat' and 'cat': if they are one, give them one name"
      ])
    #expect(try list(["\u{E9}/1.png", "e\u{301}/2.png"]).warnings.count == 1)
    #expect(try list(["a/1.png", "b/2.png"]).warnings == [])
  }

  @Test func foldersWithoutFilesAreSaid() throws {
    let empty = try list(["a/1.png", "b/2.png"], empty: ["c", "a/inner"])
    #expect(
      empty.warnings.count == 1 && empty.warnings[0].hasSuffix("1 folder holds no files and is no class: c"))
  }
}

@Suite struct FileKindTests {
  private static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 0]
  private static let webp = Array("RIFF....WEBPVP8 ".utf8)

  @Test func firstBytesDecide() throws {
    try withTemporaryFolder { folder in
      let jpegs = ["a/1.jfif", "a/2.jpe", "a/3.mpo", "a/4", "a/5.JPG", "b/6.webp"]
      for name in jpegs { try Fixture.write(Self.jpeg, folder + "/" + name) }
      try Fixture.write(generatedPNG(seed: 1), folder + "/b/7.dat")
      try Fixture.write(Array("notes".utf8), folder + "/b/notes")
      try Fixture.write([], folder + "/b/index.csv")
      let list = try ImageList(paths: [folder])
      #expect(list.items.map(\.path) == jpegs + ["b/7.dat"])
      // Notes and tables are skipped without a warning, since they are no images.
      #expect(list.warnings == [] && list.skippedFiles == 2)

      try Fixture.write(Self.webp, folder + "/b/8.webp")
      try Fixture.write(Self.webp, folder + "/b/9.WebP")
      try Fixture.write(Array("GIF89a".utf8), folder + "/10.gif")
      let more = try ImageList(paths: [folder])
      #expect(more.items == list.items)
      #expect(
        more.warnings == [
          "5 files are neither JPEG nor PNG and left out (2 .webp, 1 without an ending, 1 .csv, 1 .gif): convert images to one of "
            + "the two, or leave files out by --exclude"
        ])
      #expect(more.skipped.endings.map(\.ending) == [".webp", "", ".csv", ".gif"])
    }
  }

  @Test func anEmptiedClassIsAnError() throws {
    try withTemporaryFolder { folder in
      for name in ["train/a/1.png", "train/b/2.png", "test/a/3.png", "test/b/4.png"] {
        try Fixture.write([], folder + "/" + name)
      }
      for number in 0..<6 { try Fixture.write(Self.webp, folder + "/train/c/\(number).webp") }
      let text = failure { _ = try ImageList(paths: [folder]) }
      #expect(
        text
          == "class 'train/c' would have no image: its files are 6 .webp. Convert images to JPEG or PNG, or leave the folder out "
          + "(--exclude 'train/c')")
      let rest = try ImageList(paths: [folder], filter: PathFilter(exclude: ["train/c"]))
      #expect(rest.items.count == 4 && rest.warnings == [] && rest.skippedFiles == 0)
      // A list without labels gets a warning. A class that has other files beside its images also gets one.
      let unlabeled = try ImageList(paths: [folder], isLabeled: false)
      #expect(
        unlabeled.items.allSatisfy { $0.label == nil && $0.split == nil } && unlabeled.warnings.count == 1)
      try Fixture.write([], folder + "/train/c/7.png")
      #expect(try ImageList(paths: [folder]).warnings.count == 1)
      // A folder that contains only tables is no class.
      try Fixture.write(Array("x,y".utf8), folder + "/train/boxes/1.xml")
      #expect(try ImageList(paths: [folder]).classNames == ["a", "b", "c"])
    }
  }

  @Test func masksBesidePhotographsAreSaid() throws {
    let masked = try list(["a/1.jpg", "a/1.png", "a/2.jpg", "a/2_mask.png", "b/1.jpg", "b/3.png"])
    #expect(masked.items.count == 6)
    #expect(
      masked.warnings.count == 1
        && masked.warnings[0].contains("2 PNGs lie beside photographs of the same name, as a/1.png")
        && masked.warnings[0].contains("--exclude '*.png'"))
    #expect(
      try list(["a/1.jpg", "a/1.png"], filter: PathFilter(exclude: ["*.png"])).items.map(\.path) == [
        "a/1.jpg"
      ])
    #expect(try list(["a/1.jpg", "b/1.png"]).warnings == [])
  }

  @Test func patternsThatMatchNothingAreSaid() throws {
    let filter = PathFilter(include: ["a", "*.jpg"], exclude: ["*.pgn"])
    let list = try list(["a/1.png", "b/2.jpg", "c/3.png"], filter: filter)
    #expect(list.items.map(\.path) == ["a/1.png", "b/2.jpg"])
    #expect(list.warnings.count == 1 && list.warnings[0].hasPrefix("--exclude '*.pgn' matches no file"))
  }
}
