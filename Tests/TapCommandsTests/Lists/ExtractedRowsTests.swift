import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// A matrix for a user's own file has the rows of this file in the same order, with the same repeats and the user's own
/// columns. Files of folders that are left out are reported.
@Suite struct ExtractedRowsTests {
  private static let options = ["--layers", "stem", "--size", "32"]

  private static func images(_ names: [String], in folder: String) throws {
    for (index, name) in names.enumerated() {
      try FileSystem.createDirectories(FileSystem.parent(of: "\(folder)/\(name)"))
      try AtomicWriter.replace("\(folder)/\(name)", with: generatedPNG(seed: index))
    }
  }

  private func extract(_ arguments: [String], in folder: String) throws -> Tool.Outcome {
    try Tool.run(["extract"] + arguments + Self.options, in: folder)
  }

  private func rows(_ path: String) throws -> [[Float]] {
    let matrix = try NPY.readFloats(FileSystem.read(path))
    let width = matrix.shape[1]
    var rows: [[Float]] = []
    for row in 0..<matrix.shape[0] {
      let start = row * width
      rows.append(Array(matrix.elements[start..<start + width]))
    }
    return rows
  }

  @Test(.needs(.lite0)) func orderRepeatsAndColumnsAreTheLists() throws {
    try withTemporaryFolder { folder in
      try Self.images(["p/a.png", "p/b.png", "p/c.png"], in: folder)
      try BadInputTests.write(
        "trial,path,label,concept,group\n1,p/c.png,x,dog,g\n2,p/a.png,y,cat,\n3,p/c.png,x,\"dog, again\",g\n",
        to: folder + "/list.csv")
      let outcome = try extract(["list.csv", "--output", "X.npy"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(!outcome.errors.contains("not used"), "\(outcome.errors)")
      #expect(
        try String(decoding: FileSystem.read(folder + "/X.csv"), as: UTF8.self)
          == "path,label,split,group,trial,concept\np/c.png,x,,g,1,dog\np/a.png,y,,,2,cat\np/c.png,x,,g,3,\"dog, again\"\n"
      )
      let found = try rows(folder + "/X.npy")
      #expect(found.count == 3 && found[0] == found[2] && found[0] != found[1])
      // The table of an earlier export of this list is replaced without a warning. If the command gets no list, the
      // same table counts as foreign.
      #expect(try extract(["list.csv", "--output", "X.npy"], in: folder).status == 0)
      #expect(try extract(["p", "--output", "X.npy"], in: folder).status != 0)

      // The images are given as words of the command line, or as a list of paths without a line of names.
      try BadInputTests.write("p/b.png\np/a.png\np/c.png\n", to: folder + "/paths.txt")
      for arguments in [["p/b.png", "p/a.png", "p/c.png"], ["paths.txt"], ["--labels", "paths.txt"]] {
        let outcome = try extract(arguments + ["--output", "Y.npy"], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
          try String(decoding: FileSystem.read(folder + "/Y.csv"), as: UTF8.self)
            == "path,label,split\np/b.png,,\np/a.png,,\np/c.png,,\n")
        let ordered = try rows(folder + "/Y.npy")
        #expect(ordered[1] == found[1] && ordered[2] == found[0])
      }
      // The store's own list has each image once, in the order of the paths.
      let store = try FileSystem.list(folder + "/layertap-store")[0]
      let items = try CSV.parse(FileSystem.read("\(folder)/layertap-store/\(store)/items.csv"))
      #expect(items.dropFirst().map { $0[0] } == ["p/a.png", "p/b.png", "p/c.png"])
    }
  }

  @Test(.needs(.lite0)) func whatIsLeftOutIsCountedByEnding() throws {
    try withTemporaryFolder { folder in
      try Self.images(["p/a/1.png", "p/a/2", "p/b/3.webp"], in: folder)
      for name in ["a/4.webp", "a/5.WEBP", "b/6.gif"] {
        try AtomicWriter.replace("\(folder)/p/\(name)", with: Array("RIFF....WEBPVP8 ".utf8))
      }
      let outcome = try extract(["p", "--format", "json"], in: folder)
      #expect(
        outcome.errors.contains("3 files are neither JPEG nor PNG and left out (2 .webp, 1 .gif)"),
        "\(outcome.errors)")
      let json = try JSONValue.parse(outcome.output)
      #expect(json["items"] == .integer(3) && json["skippedFiles"] == .integer(3))
      #expect(json["skippedEndings"] == .object([".webp": .integer(2), ".gif": .integer(1)]))
      let filtered = try extract(["p", "--exclude", "*.[Ww][Ee][Bb][Pp]", "*.gif"], in: folder)
      #expect(filtered.status == 0 && !filtered.errors.contains("neither"), "\(filtered.errors)")
      let included = try extract(["p", "--include", "*.png", "--dry-run"], in: folder)
      #expect(included.output.contains("of 1 images to compute"), "\(included.output)")
    }
  }

  /// All images of a class have unsupported formats. If the extensions show this, the error comes before anything is
  /// computed. If only the bytes show it, the error comes later.
  @Test(.needs(.lite0), arguments: ["webp", "jpg"])
  func anEmptiedClassIsAnError(ending: String) throws {
    try withTemporaryFolder { folder in
      try Self.images(["a", "b"].flatMap { name in (0..<6).map { "p/\(name)/\($0).png" } }, in: folder)
      try FileSystem.createDirectories(folder + "/p/c")
      for number in 0..<6 {
        try AtomicWriter.replace("\(folder)/p/c/\(number).\(ending)", with: Array("RIFF....WEBPVP8 ".utf8))
      }
      let outcome = try Tool.run(
        ["train", "p", "--c", "1", "--output", "m", "--layers", "stem", "--size", "32"], in: folder)
      #expect(outcome.status != 0)
      #expect(
        outcome.errors.contains(
          ending == "webp"
            ? "class 'c' would have no image: its files are 6 .webp"
            : "none of the images of class 'c' could be read"),
        "\(outcome.errors)")
      #expect(!FileSystem.exists(folder + "/m"))
      let rest = try Tool.run(
        ["train", "p", "--exclude", "c", "--c", "1", "--output", "m", "--layers", "stem", "--size", "32"],
        in: folder)
      #expect(rest.status == 0 && rest.output.contains("classes      2: a, b"), "\(rest.errors)")
      let predicted = try Tool.run(["predict", "m", "p"], in: folder)
      #expect(
        ending == "jpg" || predicted.errors.contains("6 files are neither JPEG nor PNG"),
        "\(predicted.errors)")
    }
  }
}
