// Any text on a page: class names and paths come from unknown folders and may contain markup, control characters, or
// marks that change the direction of writing.

extension HTMLDocument {
  /// Makes text safe between tags and in quoted attributes. Control characters are made visible, because browsers drop
  /// or replace them.
  ///
  /// - Parameter keepsLines: leaves tabs and newlines unchanged.
  static func escaped(_ text: String, keepsLines: Bool = false) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n" where keepsLines, "\t" where keepsLines: result.unicodeScalars.append(character)
      // The images of control characters begin at U+2400; the upper ones have none.
      case "\u{00}"..."\u{1F}":
        result.unicodeScalars.append(Unicode.Scalar(0x2400 + character.value) ?? "\u{FFFD}")
      case "\u{7F}": result += "\u{2421}"
      case "\u{80}"..."\u{9F}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// Escaped, and isolated from the text around it: the effect of right-to-left letters and marks ends with it.
  static func name(_ text: String) -> String {
    let html = escaped(text)
    return text.unicodeScalars.allSatisfy(\.isASCII) ? html : "<bdi>\(html)</bdi>"
  }

  /// A sentence: numbers stay on one line with their percent signs.
  static func prose(_ text: String) -> String { name(text).replacing(" %", with: "&nbsp;%") }
}
