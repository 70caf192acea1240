import TapText
import Testing

struct WrappedTextTests {
  @Test func textsBreakAtSpaces() {
    #expect(WrappedText.lines("one two three", width: 7) == ["one two", "three"])
    #expect(WrappedText.lines("a longest word", width: 4) == ["a", "longest", "word"])
    #expect(WrappedText.lines("", width: 4) == [])
    #expect(WrappedText.lines("x [--a <a> ...] y", width: 6) == ["x", "[--a <a> ...]", "y"])
    #expect(WrappedText.text("one two three", width: 7, hanging: 2) == "one two\n  three")
  }
}
