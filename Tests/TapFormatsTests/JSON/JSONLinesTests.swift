// JSON lines as a table, and the errors of lines that are no objects. Hostile lines end with an error, not with much
// memory.

import TapFormats
import Testing

@Suite struct JSONLinesTests {
  private static let texts: Set<String> = ["path", "label", "split", "group"]

  /// The number of each line, and its fields.
  private static func records(_ bytes: [UInt8]) throws -> [[String]] {
    try JSONLines.records(bytes, texts: texts).map { ["\($0.line)"] + $0.fields }
  }

  private static func records(_ text: String) throws -> [[String]] { try records(Array(text.utf8)) }

  private static let text =
    "{\"path\": \"b.jpg\", \"label\": 3, \"weight\": 0.5, \"box\": [1, 2], \"split\": null}\r\n \t\r\n"
    + "{\"path\":\"a.jpg\",\"label\":\"cat \\u00e4\",\"note\":{\"k\":1.0},\"group\":true}"

  private static let table = [
    ["1", "box", "group", "label", "note", "path", "split", "weight"],
    ["1", "[1,2]", "", "3", "", "b.jpg", "", "0.5"],
    ["3", "", "true", "cat ä", "{\"k\":1.0}", "a.jpg", "", ""],
  ]

  @Test func objectsAreATable() throws {
    #expect(try Self.records(Self.text) == Self.table)
    #expect(try Self.records("\u{FEFF}" + Self.text + "\n\n") == Self.table)
    let wide: [UInt8] = [0xFF, 0xFE] + Self.text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(try Self.records(wide) == Self.table)
    #expect(try Self.records(" \n\r\n") == [])
  }

  @Test(arguments: [
    (
      "{\"path\": \"a\"}\n[1]\n", 2,
      "expected an object such as {\"path\": \"a.jpg\", \"label\": \"cat\"}, found an array"
    ),
    ("{\"path\": \"a\",}\n", 1, "column 14: expected a key in double quotes, found"),
    ("\n\n{\"path\": \"a\"", 3, "column 13: expected"),
    ("{\"path\": \"a\", \"path\": \"b\"}", 1, "column 15: the key \"path\" is there twice"),
    ("{\"path\": \"a\"} {\"path\": \"b\"}", 1, "column 15: expected the end of the document, found"),
    ("{\"path\": \"a\", \"label\": [\"x\"]}", 1, "expected a text or an integer in the field label, found [\"x\"]"),
    ("{\"path\": \"a\"}\n{\"path\": 1.5}", 2, "expected a text or an integer in the field path, found 1.5"),
    ("{\"Group\": {}}", 1, "expected a text or an integer in the field Group, found {}"),
    ("{\"weight\": 1e999}", 1, "the number 1e999 is out of range"),
    ("path,label\n", 1, "column 1: expected a value, found"),
  ])
  func wrongLinesAreNamed(text: String, line: Int, problem: String) throws {
    let error = #expect(throws: JSONLinesError.self) { try Self.records(text) }
    #expect(error?.line == line)
    #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
  }

  @Test func hostileLinesAreRefused() throws {
    let path = String(repeating: "a", count: JSONLines.longestLine)
    #expect(
      throws: JSONLinesError(
        line: 2, problem: "expected an object in at most 1048576 bytes, found \(path.utf8.count + 12) bytes")
    ) { try Self.records("{}\n{\"path\": \"\(path)\"}\n{}") }
    let nested = String(repeating: "[", count: 1000)
    let deep = #expect(throws: JSONLinesError.self) { try Self.records("{\"a\": \(nested)") }
    #expect(deep?.problem.contains("more than 128 arrays and objects in each other") == true)
    // The table would have 3,000 x 3,001 fields. The error comes at a line at which it is too large already.
    let different = (0..<3000).map { "{\"path\": \"\($0)\", \"f\($0)\": 1}\n" }.joined()
    let sparse = #expect(throws: JSONLinesError.self) { try Self.records(different) }
    let line = try #require(sparse?.line)
    #expect((1000..<3000).contains(line))
    #expect(
      sparse?.problem == "expected objects with the same fields, found \(line + 1) different fields up to here")
    let bytes = Array("{\"path\": \"".utf8) + [0xC3, 0x28] + Array("\"}".utf8)
    let invalid = #expect(throws: JSONLinesError.self) { try Self.records(bytes) }
    #expect(invalid?.problem.contains("not valid UTF-8") == true)
  }

  @Test(arguments: [
    ("{\"path\": 1}", true), (" \n{ \"a\"", true), ("\u{FEFF}{\"a\"", true), ("path,label", false), ("{}", false),
    ("{a}.jpg", false), ("", false), ("[{\"a\": 1}]", false),
  ])
  func anObjectAtTheBeginningIsFound(text: String, isBeginning: Bool) {
    #expect(JSONLines.isBeginning(of: Array(text.utf8)) == isBeginning)
  }
}
