// Lists of JSON lines are the lists of tables with the same contents. The setting `labelField` names the labels in
// both.

import TapFeatures
import TapFileSystem
import TestSupport
import Testing

@Suite struct ObjectListTests {
  private static let objects = """
    {"path": "c.png", "label": "cat", "split": "train", "group": 7, "weight": 0.25, "breed": "manx"}

    {"path": "a.png", "label": 3, "breed": "pug", "box": [1, 2]}
    {"path": "none.png"}
    """

  private static let table = """
    path,label,split,group,weight,box,breed
    c.png,cat,train,7,0.25,,manx
    a.png,3,,,,"[1,2]",pug
    none.png,,,,,,
    """

  private static func withFiles(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      for name in ["a.png", "c.png"] { try Fixture.write([], folder + "/" + name) }
      try body(folder)
    }
  }

  private static func list(_ text: String, _ path: String, labelField: String? = nil) throws -> ImageList {
    try AtomicWriter.replace(path, with: text)
    return try ImageList(manifest: path, labelField: labelField)
  }

  /// A list of JSON lines is recognized by its name or by its first line.
  @Test(arguments: ["list.jsonl", "list.ndjson", "list.txt"])
  func objectsAreReadAsATableIs(name: String) throws {
    try Self.withFiles { folder in
      let expected = try Self.list(Self.table, folder + "/list.csv")
      let found = try Self.list(Self.objects, "\(folder)/\(name)")
      #expect(
        found.items == [
          ImageItem(path: "a.png", label: "3"),
          ImageItem(path: "c.png", label: "cat", split: .train, group: "7", weight: 0.25),
        ])
      #expect(found.items == expected.items && found.unmatched == ["none.png"])
      #expect(found.ownColumns == ["box", "breed"] && found.ownColumns == expected.ownColumns)
      #expect(found.rows == expected.rows && found.rows != nil)
      #expect(found.notes == ["box", "breed"].map { "\(folder)/\(name): the column \($0) is not used" })
      #expect(ImageList.isManifest(name) && ImageList.isManifest("-"))
    }
  }

  @Test func theLabelsAreInTheNamedField() throws {
    try Self.withFiles { folder in
      for (text, name) in [(Self.table, "list.csv"), (Self.objects, "list.jsonl")] {
        let list = try Self.list(text, "\(folder)/\(name)", labelField: "breed")
        #expect(list.items.map(\.label) == ["pug", "manx"])
        #expect(list.ownColumns.sorted() == ["box", "label"])
        #expect(
          throws: FeatureError.manifest(
            path: "\(folder)/\(name)", line: 1,
            problem: "expected the column kind (--label-field), found "
              + (name == "list.csv"
                ? "path,label,split,group,weight,box,breed" : "box,breed,group,label,path,split,weight"))
        ) { try Self.list(text, "\(folder)/\(name)", labelField: "kind") }
      }
      let path = folder + "/list.jsonl"
      #expect(
        throws: FeatureError.manifest(
          path: path, line: 2, problem: "expected a text or an integer in the field breed, found [\"pug\"]")
      ) {
        try Self.list("{\"path\": \"a.png\"}\n{\"path\": \"c.png\", \"breed\": [\"pug\"]}", path, labelField: "breed")
      }
      #expect(
        throws: FeatureError.manifest(
          path: folder + "/list.txt", line: 1,
          problem: "expected names of columns, with breed (--label-field) among them, found a path")
      ) { try Self.list("a.png\nc.png\n", folder + "/list.txt", labelField: "breed") }
    }
  }

  @Test(arguments: [
    ("", nil, "the file is empty; expected lines such as {\"path\": \"a.jpg\", \"label\": \"cat\"}"),
    ("{\"label\": 1}\n", 1, "expected the field path in the objects, found the fields label"),
    ("{\"path\": \"a.png\"}\n\n{\"label\": 1}\n", 3, "the path is empty"),
    ("{\"path\": \"a.png\"}\n{\"path\": \"a.png\"}\n", 2, "the path a.png is on line 1 already"),
    ("{\"path\": \"a.png\", \"weight\": -1}\n", 1, "the weight is '-1'; expected a finite number of at least 0"),
    (
      "{\"path\": \"a.png\", \"split\": \"holdout\"}\n", 1,
      "the split is holdout; expected train, val (or valid, validation) or test"
    ),
    (
      "{\"path\": \"a.png\"}\n7\n", 2,
      "expected an object such as {\"path\": \"a.jpg\", \"label\": \"cat\"}, found an integer"
    ),
  ])
  func saysWhatIsWrongWhere(text: String, line: Int?, problem: String) throws {
    try Self.withFiles { folder in
      let path = folder + "/list.jsonl"
      #expect(throws: FeatureError.manifest(path: path, line: line, problem: problem)) { try Self.list(text, path) }
    }
  }

  /// A line of any list has a limit, so that a file that is no list ends with an error.
  @Test func longLinesAreRefused() throws {
    try Self.withFiles { folder in
      let long = String(repeating: "b", count: (1 << 20) + 1)
      for text in ["path\r\na.png\r\n\(long)\r\n", "a.png\r\rx\n\(long)"] {
        let error = #expect(throws: FeatureError.self) { try Self.list(text, folder + "/list.csv") }
        let line = text.hasPrefix("path") ? 3 : 4
        #expect(
          error
            == .manifest(
              path: folder + "/list.csv", line: line,
              problem: "expected a line of at most 1048576 bytes, found 1048577 bytes"))
      }
      // The longest line that is allowed is read.
      let list = try Self.list("path,note\na.png,\(long.dropLast(7))\n", folder + "/list.csv")
      #expect(list.items.map(\.path) == ["a.png"])
    }
  }
}
