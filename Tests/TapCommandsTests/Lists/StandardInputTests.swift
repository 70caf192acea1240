import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// Lists on standard input, as tables, as JSON lines and as paths, for the commands that take lists.
@Suite(.needs(.lite0)) struct StandardInputTests {
  private static let taps = ["--layers", "stem", "--size", "32"]

  private static let names = (0..<12).map { "photos/\($0 % 2 == 0 ? "even" : "odd")/\($0).png" }

  private static let table =
    "path,label,split,breed\n"
    + names.enumerated().map { "\($1),\($0 % 2),\($0 < 8 ? "train" : "test"),b\($0 % 2)\n" }.joined()

  private static let objects =
    names.enumerated().map {
      "{\"breed\": \"b\($0 % 2)\", \"label\": \($0 % 2), \"path\": \"\($1)\", \"split\": \"\($0 < 8 ? "train" : "test")\"}\n"
    }.joined()

  private func withPhotos(_ body: (String) throws -> Void) throws {
    try Weights.lite0Path()
    try withTemporaryFolder { folder in
      try writeGeneratedClasses(0..<12, to: folder + "/photos")
      try body(folder)
    }
  }

  @discardableResult
  private func run(_ arguments: [String], _ input: String, in folder: String) throws -> Tool.Outcome {
    let outcome = try Tool.run(arguments, in: folder, input: input)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  private func items(_ store: String) throws -> String {
    let name = try #require(try FileSystem.list(store).first)
    return String(decoding: try FileSystem.read("\(store)/\(name)/items.csv"), as: UTF8.self)
  }

  @Test func aListOnStandardInputIsThatOfAFile() throws {
    try withPhotos { folder in
      try BadInputTests.write(Self.table, to: folder + "/list.csv")
      try run(["extract", "list.csv", "--store", "file"] + Self.taps, "", in: folder)
      let expected = try items(folder + "/file")
      #expect(expected.contains("photos/even/0.png,0,train,"))
      for (index, (input, arguments)) in [
        (Self.table, ["--manifest", "-"]), (Self.objects, ["-"]), (Self.objects, ["--labels", "-"]),
      ].enumerated() {
        try run(["extract", "--store", "s\(index)"] + arguments + Self.taps, input, in: folder)
        #expect(try items("\(folder)/s\(index)") == expected)
      }
      // Paths without columns, and paths relative to a folder.
      try run(["extract", "-", "--store", "paths"] + Self.taps, Self.names.joined(separator: "\n"), in: folder)
      #expect(try items(folder + "/paths").split(separator: "\n").count == 13)
      try run(["extract", "photos", "--labels", "-", "--store", "below"] + Self.taps, "path\nodd/1.png\n", in: folder)
      #expect(try items(folder + "/below").contains("\nodd/1.png,,"))
      // The rows of a matrix have the order of the list, and the fields of its objects.
      try run(
        ["extract", "-", "--output", "X.npy", "--store", "s0"] + Self.taps,
        Self.objects.split(separator: "\n").reversed().joined(separator: "\n"), in: folder)
      let rows = try CSV.parse(FileSystem.read(folder + "/X.csv"))
      #expect(rows[0] == ["path", "label", "split", "breed"] && rows[1] == [Self.names[11], "1", "test", "b1"])
    }
  }

  @Test func trainingTakesLists() throws {
    try withPhotos { folder in
      try BadInputTests.write(Self.table, to: folder + "/list.csv")
      let options = ["--c", "1"] + Self.taps
      let file = try run(["train", "list.csv", "--output", "f.layertap"] + options, "", in: folder).output
      let stream = try run(["train", "-", "--output", "s.layertap"] + options, Self.objects, in: folder).output
      #expect(file.contains("accuracy") && stream == file.replacing("f.layertap", with: "s.layertap"))
      try run(["train", "-"] + options, Self.objects, in: folder)
      #expect(FileSystem.exists(folder + "/model.layertap"))
      let breeds = try run(
        ["train", ".", "--labels", "-", "--label-field", "breed", "--dry-run", "--output", "b.layertap"] + Self.taps,
        Self.objects, in: folder)
      #expect(breeds.output.contains("classes      2: b0, b1"), "\(breeds)")
      let evaluated = try run(["evaluate", "s.layertap", "-", "--format", "json"], Self.table, in: folder)
      #expect(try JSONValue.parse(evaluated.output)["images"] == .integer(4))
      try run(["compare", "-", "--c", "1"] + Self.taps, Self.objects, in: folder)
      try run(["similarity", "-", "--size", "32", "--layers", "stem", "blocks.0"], Self.objects, in: folder)
    }
  }

  @Test func wrongListsAreNamed() throws {
    try withPhotos { folder in
      for (arguments, input, status, text) in [
        (["extract", "-"], "", 65, "standard input: the file is empty"),
        (["extract", "-"], "path,label\nphotos/odd/1.png\n", 65, "standard input, line 2: expected 2 fields, found 1"),
        (
          ["train", "-"], "{\"path\": \"photos/odd/1.png\"}\n{\"path\": [1]}\n", 65,
          "standard input, line 2: expected a text or an integer in the field path, found [1]"
        ),
        (["extract", "-"], "path\nnothing.png\n", 66, "no path of standard input leads to a file"),
        (
          ["extract", "photos", "--label-field", "breed"], "", 65,
          "photos: expected a list (.csv, .jsonl) or a tar file with the labels in breed"
        ),
        (
          ["extract", "-", "--label-field", "kind"], Self.table, 65,
          "standard input, line 1: expected the column kind (--label-field), found path,label,split,breed"
        ),
        (["extract", "-", "photos"], Self.table, 66, "- does not exist"),
      ] as [([String], String, Int32, String)] {
        let outcome = try Tool.run(arguments + Self.taps, in: folder, input: input)
        #expect(outcome.status == status && outcome.errors.contains(text), "\(arguments): \(outcome)")
      }
      // A stream that does not end has a limit for its lines.
      let endless = try Tool.run(
        "/bin/bash",
        ["-c", "head -c 3000000 /dev/zero | tr '\\0' a | \"$0\" extract - --store s", Tool.path], in: folder)
      #expect(endless.status == 65, "\(endless)")
      #expect(endless.errors.contains("line 1: expected a line of at most 1048576 bytes, found 3000000 bytes"))
    }
  }

  @Test func labelsOfRowsComeFromStandardInput() throws {
    try withPhotos { folder in
      try run(["extract", "photos", "--output", "X.npy"] + Self.taps, "", in: folder)
      let rows = (0..<12).map { "{\"label\": \"\($0 < 6 ? "even" : "odd")\"}\n" }.joined()
      let trained = try run(
        ["train", "X.npy", "--labels", "-", "--c", "1", "--test-fraction", "0.5", "--output", "m.layertap"], rows,
        in: folder)
      #expect(trained.output.contains("m.layertap"))
      let short = try Tool.run(
        ["train", "X.npy", "--labels", "-", "--output", "n.layertap"], in: folder, input: "{\"label\": 1}\n[]\n")
      #expect(short.status == 65 && short.errors.contains("standard input: line 2: expected an object"), "\(short)")
    }
  }
}
