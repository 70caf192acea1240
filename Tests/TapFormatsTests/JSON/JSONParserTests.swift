import TapFormats
import Testing

struct JSONParserTests {
  @Test func readsEveryKindOfValue() throws {
    let text = #"{"a": [1, -2.5, 1e3, true, false, null], "b": {"c": "x\n\u00e9\ud83d\ude00\/"}, "": -0}"#
    let value = try JSONValue.parse(text)
    #expect(
      value
        == .object([
          "a": .array([.integer(1), .number(-2.5), .number(1000), .bool(true), .bool(false), .null]),
          "b": .object(["c": .string("x\né😀/")]), "": .number(-0.0),
        ]))
  }

  @Test func integersStayIntegersWhileTheyFit() throws {
    #expect(try JSONValue.parse("9223372036854775807") == .integer(.max))
    #expect(try JSONValue.parse("9223372036854775808") == .unsigned(9_223_372_036_854_775_808))
    #expect(try JSONValue.parse("18446744073709551615") == .unsigned(.max))
    #expect(try JSONValue.parse("18446744073709551615").canonical == "18446744073709551615")
    #expect(try JSONValue.parse("18446744073709551616") == .number(18_446_744_073_709_551_616))
    #expect(JSONValue(UInt64(7)) == .integer(7) && JSONValue(UInt64.max) == .unsigned(.max))
    #expect(try JSONValue.parse("\u{FEFF} 0 ") == .integer(0))
  }

  @Test func json5Conveniences() throws {
    let text = """
      // a comment
      { unquoted: 'single "quotes"', /* more */ "list": [1, 2,], hex: 0xFF, half: .5, five: 5., plus: +1,
        $key_1: 'a\\
      b', }
      """
    let value = try JSONValue.parse(text, json5: true)
    #expect(value["unquoted"]?.stringValue == "single \"quotes\"")
    #expect(value["list"] == .array([.integer(1), .integer(2)]))
    #expect(value["hex"]?.intValue == 255)
    #expect(value["half"]?.doubleValue == 0.5)
    #expect(value["five"]?.doubleValue == 5)
    #expect(value["plus"]?.intValue == 1)
    #expect(value["$key_1"]?.stringValue == "ab")
  }

  @Test(arguments: [
    "", "{", "[1,", "[1,]", "{\"a\":1,}", "{a:1}", "'x'", "01", "-", "1.", ".5", "+1", "1e", "0x10", "tru",
    "truex", "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "\"open", "[1] 2", "// c\n1", "{\"a\" 1}", "[1 2]", "1a",
    "NaN", "Infinity",
  ])
  func refusesWhatIsNotJSON(text: String) {
    #expect(throws: JSONError.self) { try JSONValue.parse(text) }
  }

  @Test(arguments: ["{,}", "[,]", "[1,,2]", "{a:1 b:2}", "/* open", "NaN", "{1a: 2}", "0x", ".", "{a:1} x"])
  func refusesWhatIsNotJSON5(text: String) {
    #expect(throws: JSONError.self) { try JSONValue.parse(text, json5: true) }
  }

  @Test func errorsNameLineAndColumn() {
    #expect(
      throws: JSONError.unexpected(
        found: "\"}\"", expected: "a value", at: JSONPosition(line: 3, column: 8))
    ) { try JSONValue.parse("{\n  \"a\": 1,\n  \"b\": }") }
    #expect(throws: JSONError.duplicateKey("a", at: JSONPosition(line: 2, column: 2))) {
      try JSONValue.parse("{\"a\": 1,\n \"a\": 2}")
    }
    #expect(throws: JSONError.numberOutOfRange("1e400", at: JSONPosition(line: 1, column: 2))) {
      try JSONValue.parse("[1e400]")
    }
  }

  @Test func surrogatesMustPair() {
    for text in [#""\ud83d""#, #""\ud83dx""#, #""\ud83dA""#, #""\ude00""#] {
      #expect(throws: JSONError.self) { try JSONValue.parse(text) }
    }
    #expect(throws: JSONError.self) { try JSONValue.parse([0x22, 0xFF, 0x22]) }
  }

  @Test func depthHasALimit() throws {
    let deep = { (n: Int) in String(repeating: "[", count: n) + String(repeating: "]", count: n) }
    _ = try JSONValue.parse(deep(128))
    #expect(throws: JSONError.tooDeep(limit: 128, at: JSONPosition(line: 1, column: 129))) {
      try JSONValue.parse(deep(129))
    }
    #expect(throws: JSONError.self) { try JSONValue.parse(String(repeating: "[", count: 1_000_000)) }
  }

  @Test func documentsRememberPositions() throws {
    let document = try JSONDocument(Array("{\n  layers: [\n    { name: 'stem' },\n  ],\n}".utf8), json5: true)
    #expect(document.position(of: "") == JSONPosition(line: 1, column: 1))
    #expect(document.position(of: "layers[0].name") == JSONPosition(line: 3, column: 13))
    #expect(document.position(of: "layers[1]") == nil)
  }

  @Test func typedFieldsNameWhatIsWrong() throws {
    let value = try JSONValue.parse(#"{"n": 1, "s": "x"}"#)
    #expect(try value.int("n") == 1)
    #expect(try value.double("n") == 1)
    #expect(throws: JSONError.missing(field: "m")) { try value.int("m") }
    #expect(throws: JSONError.wrongType(field: "s", expected: "an integer", found: "a string")) {
      try value.int("s")
    }
  }
}
