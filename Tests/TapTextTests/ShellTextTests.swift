import TapText
import TestSupport
import Testing

struct ShellTextTests {
  @Test func onlyWhatNeedsItIsQuoted() {
    func quoted(_ text: String) -> String { ShellText.quoted(Array(text.utf8)) }
    #expect(quoted("data/photos-1_a.b,c:d=e+f@g%") == "data/photos-1_a.b,c:d=e+f@g%")
    #expect(quoted("my photos") == "'my photos'")
    #expect(quoted("") == "''")
    #expect(quoted("it's") == "'it'\\''s'")
    #expect(quoted("$HOME `x` \"y\" *") == "'$HOME `x` \"y\" *'")
    #expect(quoted("Schöße") == "'Schöße'")
    #expect(quoted("a\nb") == "$'a\\nb'")
    #expect(quoted("\u{202E}x") == "$'\\xe2\\x80\\xaex'")
    #expect(ShellText.quoted([0x61, 0xFF, 0x27]) == "$'a\\xff\\''")
  }

  /// A shell parses the quoted line to the same words.
  @Test func bashReadsItBack() throws {
    let words = [
      "plain", "", "two words", "it's", "$(date)", "a\\b", "tab\there", "line\nbreak", "\u{202E}", "é", "~",
      "#", "!x",
    ]
    let line = words.map { ShellText.quoted(Array($0.utf8)) }.joined(separator: " ")
    let outcome = try Tool.run("/usr/bin/env", ["bash", "-c", "printf '%s\\0' \(line)"])
    #expect(
      outcome.output.split(separator: "\0", omittingEmptySubsequences: false).dropLast().map(String.init)
        == words)
  }
}
