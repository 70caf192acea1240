// A strict recursive-descent parser of JSON (RFC 8259) and JSON5 (spec.json5.org). It replaces the parser of
// FoundationEssentials for three reasons. Errors must name line and column. Duplicate keys must be errors. A reader of
// pipelines needs the position of each field.

struct JSONParser {
  private let bytes: [UInt8]
  private let json5: Bool
  private let recordsPositions: Bool
  private var offset = 0
  /// The offset of each value, keyed by the path of the value.
  private(set) var offsets: [String: Int] = [:]

  static let depthLimit = 128

  init(_ bytes: [UInt8], json5: Bool, recordsPositions: Bool) {
    self.bytes = bytes
    self.json5 = json5
    self.recordsPositions = recordsPositions
  }

  mutating func document() throws(JSONError) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    let root = try value(path: "", depth: 0)
    try skipSpace()
    guard offset == bytes.count else { throw unexpected(expected: "the end of the document") }
    return root
  }

  // MARK: - Values

  private mutating func value(path: String, depth: Int) throws(JSONError) -> JSONValue {
    try skipSpace()
    if recordsPositions { offsets[path] = offset }
    switch peek {
    case UInt8(ascii: "{"): return try object(path: path, depth: depth + 1)
    case UInt8(ascii: "["): return try array(path: path, depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "'") where json5: return .string(try string())
    case UInt8(ascii: "-"): return try number()
    case UInt8(ascii: "+") where json5, UInt8(ascii: ".") where json5: return try number()
    default: if isDigit(peek) { return try number() }
    }
    for (word, value) in [("true", JSONValue.bool(true)), ("false", .bool(false)), ("null", .null)]
    where take(word: word) {
      return value
    }
    throw unexpected(expected: "a value")
  }

  private mutating func object(path: String, depth: Int) throws(JSONError) -> JSONValue {
    guard depth <= JSONParser.depthLimit else { throw .tooDeep(limit: JSONParser.depthLimit, at: position) }
    offset += 1
    var fields: [String: JSONValue] = [:]
    try skipSpace()
    while !take("}") {
      if !fields.isEmpty {
        guard take(",") else { throw unexpected(expected: "\",\" or \"}\"") }
        try skipSpace()
        if json5 && take("}") { break }
      }
      let keyOffset = offset
      let key = try self.key()
      guard fields[key] == nil else { throw .duplicateKey(key, at: position(of: keyOffset)) }
      try skipSpace()
      guard take(":") else { throw unexpected(expected: "\":\"") }
      fields[key] = try value(
        path: recordsPositions ? (path.isEmpty ? key : "\(path).\(key)") : "", depth: depth)
      try skipSpace()
    }
    return .object(fields)
  }

  private mutating func array(path: String, depth: Int) throws(JSONError) -> JSONValue {
    guard depth <= JSONParser.depthLimit else { throw .tooDeep(limit: JSONParser.depthLimit, at: position) }
    offset += 1
    var elements: [JSONValue] = []
    try skipSpace()
    while !take("]") {
      if !elements.isEmpty {
        guard take(",") else { throw unexpected(expected: "\",\" or \"]\"") }
        try skipSpace()
        if json5 && take("]") { break }
      }
      elements.append(
        try value(path: recordsPositions ? "\(path)[\(elements.count)]" : "", depth: depth))
      try skipSpace()
    }
    return .array(elements)
  }

  private mutating func key() throws(JSONError) -> String {
    if peek == UInt8(ascii: "\"") || (json5 && peek == UInt8(ascii: "'")) { return try string() }
    guard json5 else { throw unexpected(expected: "a key in double quotes") }
    let start = offset
    while isWordByte(peek) { offset += 1 }
    guard offset > start, !isDigit(bytes[start]) else {
      offset = start
      throw unexpected(expected: "a key")
    }
    return try text(start..<offset)
  }

  // MARK: - Strings

  private mutating func string() throws(JSONError) -> String {
    let quote = bytes[offset]
    offset += 1
    var content: [UInt8] = []
    var runStart = offset
    while let byte = peek {
      if byte == quote {
        content += bytes[runStart..<offset]
        guard let text = String(validating: content, as: UTF8.self) else { throw .invalidText(at: position) }
        offset += 1
        return text
      }
      if byte == UInt8(ascii: "\\") {
        content += bytes[runStart..<offset]
        offset += 1
        try escape(into: &content)
        runStart = offset
        continue
      }
      guard byte >= 0x20 else { throw unexpected(expected: "an escape for the control character") }
      offset += 1
    }
    throw unexpected(expected: "the closing quote of the string")
  }

  private mutating func escape(into content: inout [UInt8]) throws(JSONError) {
    guard let byte = peek else { throw unexpected(expected: "an escape") }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"): content += Array(String(Character(try unicodeEscape())).utf8)
    case UInt8(ascii: "'") where json5: content.append(byte)
    case UInt8(ascii: "v") where json5: content.append(0x0B)
    case 0x0A where json5: break
    case 0x0D where json5: if peek == 0x0A { offset += 1 }
    default:
      offset -= 1
      throw unexpected(expected: "one of \" \\ / b f n r t u after the backslash")
    }
  }

  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let start = offset
    let unit = try fourDigits()
    var scalar = UInt32(unit)
    if UTF16.isLeadSurrogate(unit) {
      guard take("\\"), take("u") else { throw .invalidText(at: position(of: start)) }
      let trail = try fourDigits()
      guard UTF16.isTrailSurrogate(trail) else { throw .invalidText(at: position(of: start)) }
      scalar = 0x1_0000 + (UInt32(unit & 0x3FF) << 10) + UInt32(trail & 0x3FF)
    }
    guard let result = Unicode.Scalar(scalar) else { throw .invalidText(at: position(of: start)) }
    return result
  }

  private mutating func fourDigits() throws(JSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = peek.flatMap({ Character(UnicodeScalar($0)).hexDigitValue }) else {
        throw unexpected(expected: "four hexadecimal digits")
      }
      unit = unit << 4 | UInt16(digit)
      offset += 1
    }
    return unit
  }

  // MARK: - Numbers

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = offset
    let negative = peek == UInt8(ascii: "-")
    if negative || peek == UInt8(ascii: "+") { offset += 1 }
    if json5, peek == UInt8(ascii: "0"), offset + 1 < bytes.count,
      bytes[offset + 1] | 0x20 == UInt8(ascii: "x")
    {
      offset += 2
      return try hexadecimal(from: start, negative: negative)
    }
    let integerDigits = skipDigits()
    let leadingZero = integerDigits > 1 && bytes[offset - integerDigits] == UInt8(ascii: "0")
    var isInteger = true
    var fractionDigits = 0
    if take(".") {
      isInteger = false
      fractionDigits = skipDigits()
    }
    let wellFormed =
      json5 ? integerDigits + fractionDigits > 0 : integerDigits > 0 && (isInteger || fractionDigits > 0)
    guard wellFormed else { throw unexpected(expected: "a digit") }
    guard !leadingZero else {
      offset = start
      throw unexpected(expected: "a number without leading zeros")
    }
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      isInteger = false
      offset += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { offset += 1 }
      guard skipDigits() > 0 else { throw unexpected(expected: "a digit of the exponent") }
    }
    guard !isWordByte(peek) else { throw unexpected(expected: "the end of the number") }
    let text = try self.text(start..<offset)
    // "-0" stays a double, since an integer 0 would lose the sign.
    if isInteger, let value = Int(text), value != 0 || !negative { return .integer(value) }
    if isInteger, !negative, let value = UInt64(text) { return .unsigned(value) }
    // Swift's own parser needs digits on both sides of the point.
    guard let value = Double(text) ?? Double(text.paddedAroundPoint), value.isFinite else {
      throw .numberOutOfRange(text, at: position(of: start))
    }
    return .number(value)
  }

  private mutating func hexadecimal(
    from start: Int, negative: Bool
  ) throws(JSONError) -> JSONValue {
    let digits = offset
    while isWordByte(peek) { offset += 1 }
    let text = try self.text(start..<offset)
    guard let value = Int((negative ? "-" : "") + (try self.text(digits..<offset)), radix: 16) else {
      throw .numberOutOfRange(text, at: position(of: start))
    }
    return .integer(value)
  }

  private mutating func skipDigits() -> Int {
    let start = offset
    while isDigit(peek) { offset += 1 }
    return offset - start
  }

  // MARK: - Bytes

  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func take(_ character: UnicodeScalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func take(word: String) -> Bool {
    let end = offset + word.utf8.count
    guard end <= bytes.count, bytes[offset..<end].elementsEqual(word.utf8),
      end == bytes.count || !isWordByte(bytes[end])
    else { return false }
    offset = end
    return true
  }

  private mutating func skipSpace() throws(JSONError) {
    while let byte = peek {
      if byte == 0x20 || (0x09...0x0D).contains(byte) && (json5 || byte != 0x0B && byte != 0x0C) {
        offset += 1
      } else if json5, byte == UInt8(ascii: "/"), offset + 1 < bytes.count {
        guard try skipComment() else { return }
      } else {
        return
      }
    }
  }

  private mutating func skipComment() throws(JSONError) -> Bool {
    switch bytes[offset + 1] {
    case UInt8(ascii: "/"):
      while let byte = peek, byte != 0x0A, byte != 0x0D { offset += 1 }
      return true
    case UInt8(ascii: "*"):
      var end = offset + 2
      while end + 1 < bytes.count {
        if bytes[end] == UInt8(ascii: "*"), bytes[end + 1] == UInt8(ascii: "/") {
          offset = end + 2
          return true
        }
        end += 1
      }
      throw .unexpected(found: "a comment without an end", expected: "\"*/\"", at: position)
    default: return false
    }
  }

  private func isDigit(_ byte: UInt8?) -> Bool {
    byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
  }

  /// Whether a byte belongs to an unquoted key. Such a byte may not directly follow a word or a number.
  private func isWordByte(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    return isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte >= 0x80
  }

  private func text(_ range: Range<Int>) throws(JSONError) -> String {
    guard let text = String(validating: bytes[range], as: UTF8.self) else { throw .invalidText(at: position) }
    return text
  }

  // MARK: - Errors

  private var position: JSONPosition { position(of: offset) }

  /// The position is computed only for an error, since counting lines reads all bytes before the position and most
  /// documents have no error.
  private func position(of offset: Int) -> JSONPosition { JSONPosition(offset: offset, in: bytes) }

  private func unexpected(expected: String) -> JSONError {
    let found =
      switch peek {
      case nil: "the end of the text"
      case .some(let byte) where byte < 0x20 || byte == 0x7F: "the byte \(byte)"
      case .some:
        "\""
          + String(String(decoding: bytes[offset..<min(offset + 16, bytes.count)], as: UTF8.self).prefix(1))
          + "\""
      }
    return .unexpected(found: found, expected: expected, at: position)
  }
}

extension JSONPosition {
  /// The line and column of the byte at `offset`.
  init(offset: Int, in bytes: [UInt8]) {
    let before = bytes[..<min(offset, bytes.count)]
    let line = before.count { $0 == 0x0A } + 1
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    self.init(line: line, column: before.count - lineStart + 1)
  }
}

extension String {
  /// The text with a digit on both sides of the point: `.5` becomes `0.5`, `5.` becomes `5.0`, `5.e3` becomes `5.0e3`.
  fileprivate var paddedAroundPoint: String {
    guard let point = firstIndex(of: ".") else { return self }
    let before = self[..<point]
    let after = self[index(after: point)...]
    let head = before.last?.isNumber == true ? String(before) : before + "0"
    return head + "." + (after.first?.isNumber == true ? String(after) : "0" + after)
  }
}
