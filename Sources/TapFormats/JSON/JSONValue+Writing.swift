// From values to text: one canonical form for hashing, one for people.

extension JSONValue {
  /// The canonical text of the value, from which identities are hashed: keys sorted by their UTF-8 bytes, no spaces,
  /// integers plain, doubles as the shortest decimal that reads back the same (``ShortestDecimal``: `0.1`, `1.0`,
  /// `1e-06`), control characters as `\n`-like or `\u00xx` escapes, everything else unchanged.
  ///
  /// Python's `json.dumps(x, sort_keys=True, separators=(",", ":"), ensure_ascii=False)` writes the
  /// same bytes (but for doubles between 2^53 and 1e16, where the exponent begins earlier here).
  /// A number that is not finite is written as `null`, since JSON has none.
  package var canonical: String {
    var out: [UInt8] = []
    write(to: &out, indent: nil)
    return String(decoding: out, as: UTF8.self)
  }

  /// For people: two spaces of indentation, keys sorted, an array of plain values on one line; ends without a line
  /// break.
  package var pretty: String {
    var out: [UInt8] = []
    write(to: &out, indent: 0)
    return String(decoding: out, as: UTF8.self)
  }

  /// For messages: the text if it is short, else the kind.
  package var shown: String {
    let text = canonical
    return text.utf8.count <= 40 ? text : kind
  }

  /// `indent` is the level of a pretty text; nil writes the canonical one.
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
