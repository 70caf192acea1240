import TapFormats
import Testing

struct JSONWritingTests {
  /// The text equals that of Python's json.dumps(…, sort_keys=True, separators=(",", ":"), ensure_ascii=False).
  @Test func canonicalIsSortedAndTight() {
    let value = JSONValue.object([
      "b": .array([.number(0.1), .number(1), .number(1e-6), .number(1e22), .integer(-3), .null, .bool(true)]),
      "a": .string("q\"\\\n\u{1}é😀/"), "é": .integer(1), "z": .object([:]), "B": .array([]),
    ])
    #expect(
      value.canonical
        == #"{"B":[],"a":"q\"\\\n\u0001é😀/","b":[0.1,1.0,1e-06,1e+22,-3,null,true],"z":{},"é":1}"#)
  }

  @Test func prettyIndentsByTwo() {
    let value = JSONValue.object([
      "mean": .array([.number(0.5), .integer(1)]), "list": .array([.object(["a": .integer(1)])]),
      "none": .array([]), "empty": .object([:]),
    ])
    #expect(
      value.pretty == """
        {
          "empty": {},
          "list": [
            {
              "a": 1
            }
          ],
          "mean": [0.5, 1],
          "none": []
        }
        """)
  }

  @Test(arguments: [0.1, 1, -0.0, 1e300, .leastNonzeroMagnitude, 1.0 / 3, 123_456_789.125])
  func doublesReadBackTheSame(number: Double) throws {
    let text = JSONValue.number(number).canonical
    #expect(try JSONValue.parse(text).doubleValue?.bitPattern == number.bitPattern)
  }

  @Test func notANumberIsNull() {
    #expect(JSONValue.array([.number(.nan), .number(.infinity)]).canonical == "[null,null]")
  }

  @Test func bothFormsReadBackTheSame() throws {
    let value = try JSONValue.parse(#"{"x": [1, 2.5, {"y": "\u0000"}], "k": {"n": null}}"#)
    #expect(try JSONValue.parse(value.canonical) == value)
    #expect(try JSONValue.parse(value.pretty) == value)
  }
}
