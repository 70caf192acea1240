import TapFormats
import Testing

struct CSVTests {
  @Test(arguments: [
    ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]),
    ("a,b\r\nc,d", [["a", "b"], ["c", "d"]]),
    ("a\rb\r", [["a"], ["b"]]),
    ("\u{FEFF}path,label\n", [["path", "label"]]),
    ("\"a,b\",\"say \"\"hi\"\"\"\n", [["a,b", "say \"hi\""]]),
    ("\"two\r\nlines\",x\n", [["two\r\nlines", "x"]]),
    (",\n", [["", ""]]),
    ("a,\"\"\n", [["a", ""]]),
    ("\"\"\n", [[""]]),
    ("\n\na\n\n", [["a"]]),
    ("", []),
    ("é,日本\n", [["é", "日本"]]),
    (" a , b\n", [[" a ", " b"]]),
  ])
  func reads(text: String, rows: [[String]]) throws {
    #expect(try CSV.parse(text) == rows)
  }

  @Test func errorsNameTheLine() {
    #expect(throws: CSVError.unclosedQuote(line: 2)) { try CSV.parse("a\n\"b\nc") }
    #expect(throws: CSVError.strayQuote(line: 2)) { try CSV.parse("a\nb\"c\n") }
    #expect(throws: CSVError.textAfterClosingQuote(line: 3)) { try CSV.parse("a\n\"b\nc\"d\n") }
    #expect(throws: CSVError.invalidText(line: 2)) { try CSV.parse([0x61, 0x0A, 0xFF, 0x0A]) }
  }

  @Test(arguments: [
    ("a;b\nc,d;\"e;f\"\n", [["a", "b"], ["c,d", "e;f"]]),
    ("a\tb\nc;d\te f\n", [["a", "b"], ["c;d", "e f"]]),
    ("a, b\n c,  \"d, e\"\n", [["a", "b"], [" c", "d, e"]]),
    ("a,b\n c, d\n", [["a", "b"], [" c", " d"]]),
    ("\"a;b\",c;d\n", [["a;b", "c;d"]]),
    ("one\n", [["one"]]),
    ("", []),
  ])
  func tablesOfOtherPrograms(text: String, rows: [[String]]) throws {
    #expect(try CSV.tableRecords(Array(text.utf8)).map(\.fields) == rows)
    #expect(try CSV.tableRecords(Array("\u{FEFF}\(text)".utf8)).map(\.fields) == rows)
    let units = Array("\u{FEFF}\(text)".utf16)
    let little = units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let big = units.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    #expect(try CSV.tableRecords(little).map(\.fields) == rows)
    #expect(try CSV.tableRecords(big).map(\.fields) == rows)
    // Every prefix of the bytes is read or refused, without a trap.
    for count in little.indices { _ = try? CSV.tableRecords(Array(little.prefix(count))) }
    guard !text.isEmpty else { return }
    #expect(throws: CSVError.encoding("UTF-16 without a byte order mark")) {
      try CSV.tableRecords(Array(little.dropFirst(2)))
    }
    #expect(throws: CSVError.encoding("damaged UTF-16")) {
      try CSV.tableRecords([0xFF, 0xFE, 0x00, 0xD8, 0x41, 0x00])
    }
    #expect(throws: CSVError.encoding("UTF-32")) { try CSV.tableRecords([0xFF, 0xFE, 0, 0, 0x41, 0, 0, 0]) }
  }

  @Test func recordsKnowTheirLines() throws {
    let records = try CSV.records(Array("h\n\"x\ny\"\n\nz\n".utf8))
    #expect(records.map(\.line) == [1, 2, 5])
  }

  @Test(arguments: [
    ["a", "b"], [""], ["", ""], ["a,b", "say \"hi\"", "line\nbreak", "cr\rx", " spaced "], ["\u{FEFF}a"],
    ["é\r\n日"],
  ])
  func whatIsWrittenReadsBack(fields: [String]) throws {
    let text = CSV.line(fields)
    #expect(try CSV.parse(text + text) == [fields, fields])
  }

  @Test func writesPlainly() {
    #expect(CSV.line(["a", "1.5", "x y"]) == "a,1.5,x y\n")
    #expect(CSV.line(["a,b", "c\"d"]) == "\"a,b\",\"c\"\"d\"\n")
  }
}
