// The width of a text. The reader's font is unknown, so the width is an estimate from a wide sans-serif font. A text
// that fits by this estimate also fits in a narrower font.

/// Estimates of the widths of texts.
package enum TextWidth {
  /// The width in pixels at a font size.
  package static func of(_ text: String, size: Double) -> Double {
    text.unicodeScalars.reduce(0) { $0 + em($1) } * size
  }

  /// The text if it fits; otherwise as much of its beginning and end as fits, with an ellipsis in the middle. Names of
  /// layers and paths differ at their ends as often as at their beginnings.
  package static func fitted(_ text: String, width: Double, size: Double) -> String {
    guard of(text, size: size) > width else { return text }
    let characters = Array(text)
    var kept = characters.count - 1
    while kept > 1 {
      let head = (kept + 1) / 2
      let shortened = String(characters.prefix(head)) + "…" + String(characters.suffix(kept - head))
      if of(shortened, size: size) <= width { return shortened }
      kept -= 1
    }
    return "…"
  }

  /// The text in lines of at most `width` pixels, broken at spaces. A word longer than a line is shortened.
  package static func lines(_ text: String, width: Double, size: Double) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      let longer = line.isEmpty ? String(word) : line + " " + word
      if of(longer, size: size) <= width {
        line = longer
      } else {
        if !line.isEmpty { lines.append(line) }
        line = fitted(String(word), width: width, size: size)
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }

  private static func em(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "I", "|", "'", ".", ",", ":", ";", " ", "!": 0.34
    case "f", "r", "t", "(", ")", "[", "]", "/", "-", "\"", "\\": 0.42
    case "m", "w", "M", "W", "@", "%", "…", "—": 0.99
    case "A"..."Z", "&", "+", "<", ">", "=", "~": 0.78
    case "\u{300}"..."\u{36F}", "\u{200B}"..."\u{200F}", "\u{202A}"..."\u{202E}", "\u{2060}"..."\u{2069}": 0
    case "\u{1100}"..."\u{11FF}", "\u{2E80}"..."\u{FFEF}", "\u{10000}"...: 1.05
    default: 0.64
    }
  }
}
