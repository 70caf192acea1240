// Converts values to text: a canonical form for hashing, and a form for people.

extension JSONValue {
  /// The canonical text of the value; identities are hashes of this text. Keys are sorted by their UTF-8 bytes, and
  /// there are no spaces. Integers are plain. Doubles are the shortest decimals that read back as the same number
  /// (``ShortestDecimal``: `0.1`, `1.0`, `1e-06`). Control characters are escapes such as `\n` or `\u00xx`; all other
  /// characters are unchanged.
  ///
  /// Python's `json.dumps(x, sort_keys=True, separators=(",", ":"), ensure_ascii=False)` writes the same bytes, except
  /// for doubles between 2^53 and 1e16. Python writes these doubles without an exponent; this program writes an
  /// exponent. A number that is not finite is written as `null`, since JSON has no such numbers.
  package var canonical: String {
    var out: [UInt8] = []
    write(to: &out, indent: nil)
    return String(decoding: out, as: UTF8.self)
  }

  /// The text for people: two spaces of indentation, sorted keys, and an array of plain values on one line. The text
  /// ends without a line break.
  package var pretty: String {
    var out: [UInt8] = []
    write(to: &out, indent: 0)
    return String(decoding: out, as: UTF8.self)
  }

  /// The text for messages: the canonical text if it is short, otherwise the kind of the value.
  package var shown: String {
    let text = canonical
    return text.utf8.count <= 40 ? text : kind
  }

  /// Appends the text to `out`. `indent` is the nesting level of the pretty text; nil writes the canonical text.
  private func write(to out: inout [UInt8], indent: Int?) {
    switch self {
    case .null: out += "null".utf8
    case .bool(let value): out += (value ? "true" : "false").utf8
    case .integer(let value): out += String(value).utf8
    case .unsigned(let value): out += String(value).utf8
    case .number(let value): out += (value.isFinite ? ShortestDecimal.text(value) : "null").utf8
    case .string(let value): JSONValue.quote(value, to: &out)
    case .array(let elements):
      let onOneLine = elements.allSatisfy { $0.arrayValue == nil && $0.objectValue == nil }
      JSONValue.writeList(
        elements, open: "[", close: "]", indent: onOneLine ? nil : indent,
        separator: indent != nil && onOneLine ? ", " : ",", to: &out
      ) { $0.write(to: &$1, indent: $2) }
    case .object(let fields):
      let sorted = fields.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      JSONValue.writeList(sorted, open: "{", close: "}", indent: indent, separator: ",", to: &out) {
        JSONValue.quote($0.key, to: &$1)
        $1 += (indent == nil ? ":" : ": ").utf8
        $0.value.write(to: &$1, indent: $2)
      }
    }
  }

  private static func writeList<Element>(
    _ elements: [Element], open: String, close: String, indent: Int?, separator: String,
    to out: inout [UInt8],
    element write: (Element, inout [UInt8], Int?) -> Void
  ) {
    out += open.utf8
    for (index, element) in elements.enumerated() {
      if index > 0 { out += separator.utf8 }
      if let indent { out += ("\n" + String(repeating: "  ", count: indent + 1)).utf8 }
      write(element, &out, indent.map { $0 + 1 })
    }
    if let indent, !elements.isEmpty { out += ("\n" + String(repeating: "  ", count: indent)).utf8 }
    out += close.utf8
  }

  private static func quote(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): out += "\\\"".utf8
      case UInt8(ascii: "\\"): out += "\\\\".utf8
      case 0x08: out += "\\b".utf8
      case 0x09: out += "\\t".utf8
      case 0x0A: out += "\\n".utf8
      case 0x0C: out += "\\f".utf8
      case 0x0D: out += "\\r".utf8
      case 0..<0x20: out += ("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}
