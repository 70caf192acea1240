// Command lines as texts. A shell parses such a text to the same words.

/// Quotes words for a POSIX shell.
package enum ShellText {
  /// Quotes a word for a shell. A word that has only harmless bytes is unchanged. A word with control characters, or
  /// with bytes that are not UTF-8, is written as `$'…'` with escapes. (POSIX has this form since 2024; bash and zsh
  /// had it earlier.) Any other word is written in single quotes.
  package static func quoted(_ word: [UInt8]) -> String {
    guard let text = String(validating: word, as: UTF8.self),
      !text.unicodeScalars.contains(where: isInvisible)
    else { return "$'" + word.map(escaped).joined() + "'" }
    if !word.isEmpty, word.allSatisfy(isHarmless) { return text }
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  private static func isHarmless(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
      UInt8(ascii: "/"), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: "+"),
      UInt8(ascii: "@"), UInt8(ascii: "%"):
      true
    default: false
    }
  }

  /// Whether a character is a control character, or one that hides or reverses the text next to it.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  private static func escaped(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "'"): "\\'"
    case UInt8(ascii: "\\"): "\\\\"
    case UInt8(ascii: "\n"): "\\n"
    case UInt8(ascii: "\t"): "\\t"
    case 0x20..<0x7F: String(UnicodeScalar(byte))
    default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
}
