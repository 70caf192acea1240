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
