// Breaks texts into lines.

/// Breaks texts at spaces.
package enum WrappedText {
  /// Text broken at spaces. Lines after the first are indented by `hanging` spaces.
  package static func text(_ text: String, width: Int, hanging: Int = 0) -> String {
    lines(text, width: width, hanging: hanging).enumerated()
      .map { $0.offset == 0 ? $0.element : String(repeating: " ", count: hanging) + $0.element }
      .joined(separator: "\n")
  }

  /// The lines of a text. The first line has at most `width` characters, and each other line has at most
  /// `width - hanging`. A word that is longer has its own line. Text in brackets, such as `[--layers <layers> ...]`,
  /// stays on one line.
  package static func lines(_ text: String, width: Int, hanging: Int = 0) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in words(of: text) {
      let room = lines.isEmpty ? width : width - hanging
      if line.isEmpty {
        line = word
      } else if line.count + 1 + word.count <= room {
        line += " " + word
      } else {
        lines.append(line)
        line = word
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }

  private static func words(of text: String) -> [String] {
    var words: [String] = []
    var isInBrackets = false
    for piece in text.split(separator: " ") {
      if isInBrackets, let last = words.popLast() {
        words.append("\(last) \(piece)")
      } else {
        words.append(String(piece))
      }
      if piece.hasPrefix("[") { isInBrackets = true }
      if piece.hasSuffix("]") { isInBrackets = false }
    }
    return words
  }
}
