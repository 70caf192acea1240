// Makes any text safe on a page. Class names and paths come from unknown folders. Such text may contain markup, control
// characters, or marks that change the direction of writing.

extension HTMLDocument {
  /// Makes text safe between tags and in quoted attributes. Browsers drop or replace control characters, so these
  /// characters are made visible.
  ///
  /// - Parameter keepsLines: whether tabs and newlines stay unchanged.
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
      // The visible symbols of control characters begin at U+2400. The control characters from U+0080 have no such
      // symbols.
      case "\u{00}"..."\u{1F}":
        result.unicodeScalars.append(Unicode.Scalar(0x2400 + character.value) ?? "\u{FFFD}")
      case "\u{7F}": result += "\u{2421}"
      case "\u{80}"..."\u{9F}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// The escaped name, isolated from the text around it. Right-to-left letters and marks in the name do not affect the
  /// text after the name.
  static func name(_ text: String) -> String {
    let html = escaped(text)
    return text.unicodeScalars.allSatisfy(\.isASCII) ? html : "<bdi>\(html)</bdi>"
  }

  /// An escaped sentence in which each number stays on one line with its percent sign.
  static func prose(_ text: String) -> String { name(text).replacing(" %", with: "&nbsp;%") }
}
