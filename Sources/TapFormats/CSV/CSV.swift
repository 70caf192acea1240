// Reads and writes comma-separated values (RFC 4180), such as manifests, items.csv and predictions.

/// One record, with the number of the line on which the record begins. The first line is 1.
package struct CSVRecord: Hashable, Sendable {
  package let line: Int
  package let fields: [String]
}

package enum CSVError: Error, Equatable, CustomStringConvertible {
  case unclosedQuote(line: Int)
  /// A quote within a field that does not begin with a quote.
  case strayQuote(line: Int)
  case textAfterClosingQuote(line: Int)
  case invalidText(line: Int)
  /// The file is UTF-16 without a byte order mark, or UTF-32.
  case encoding(String)

  package var description: String {
    switch self {
    case .unclosedQuote(let line): "line \(line): a quoted field has no closing quote"
    case .strayQuote(let line):
      "line \(line): a quote within an unquoted field; put the field in quotes and double the quotes within"
    case .textAfterClosingQuote(let line):
      "line \(line): text after a closing quote; expected a comma or the end of the line"
    case .invalidText(let line): "line \(line): the text is not valid UTF-8"
    case .encoding(let name): "the text is \(name): save it as UTF-8"
    }
  }
}

package enum CSV {
  /// The records of a text, including the header. Lines end with LF, CRLF or CR. A byte order mark and empty lines are
  /// skipped. Quoted fields may hold commas, doubled quotes and line breaks. The records may have different numbers of
  /// fields.
  package static func records(_ bytes: [UInt8]) throws(CSVError) -> [CSVRecord] {
    var reader = CSVReader(bytes)
    var records: [CSVRecord] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }

  /// The records of a table that a person or another program wrote; see ``CSVReader/init(table:isTabbed:)``.
  package static func tableRecords(
    _ bytes: [UInt8], isTabbed: Bool = false
  ) throws(CSVError) -> [CSVRecord] {
    var reader = try CSVReader(table: bytes, isTabbed: isTabbed)
    var records: [CSVRecord] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }

  /// The nonempty lines, each as a record of one field with any text. Encodings and line ends are those of
  /// ``tableRecords(_:isTabbed:)``.
  package static func lines(_ bytes: [UInt8]) throws(CSVError) -> [CSVRecord] {
    var lines: [CSVRecord] = []
    var number = 1
    var start = 0
    let text = try CSVReader.utf8(bytes)
    var place = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    start = place
    func add(_ end: Int) throws(CSVError) {
      guard end > start else { return }
      guard let line = String(validating: text[start..<end], as: UTF8.self) else {
        throw .invalidText(line: number)
      }
      lines.append(CSVRecord(line: number, fields: [line]))
    }
    while place < text.count {
      if text[place] == 0x0A || text[place] == 0x0D {
        try add(place)
        if text[place] == 0x0D, place + 1 < text.count, text[place + 1] == 0x0A { place += 1 }
        number += 1
        start = place + 1
      }
      place += 1
    }
    try add(text.count)
    return lines
  }

  package static func parse(_ bytes: [UInt8]) throws(CSVError) -> [[String]] {
    try records(bytes).map(\.fields)
  }

  package static func parse(_ text: String) throws(CSVError) -> [[String]] { try parse(Array(text.utf8)) }

  /// One record with a line feed at the end. A field is quoted if a reader needs the quotes to read the same field.
  package static func line(_ fields: [String]) -> String {
    if fields == [""] { return "\"\"\n" }
    return fields.map(quoted).joined(separator: ",") + "\n"
  }

  private static func quoted(_ field: String) -> String {
    let special = field.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    // Without quotes, a first field that begins with a byte order mark would lose the mark. Our reader keeps spaces at
    // the ends of a field, but other readers may remove them.
    let outer = field.utf8.first == 0x20 || field.utf8.last == 0x20 || field.utf8.first == 0xEF
    guard special || outer else { return field }
    var out = "\""
    for character in field.unicodeScalars {
      if character == "\"" { out.unicodeScalars.append("\"") }
      out.unicodeScalars.append(character)
    }
    return out + "\""
  }
}

/// Reads the records of a large table one at a time.
package struct CSVReader {
  private let bytes: [UInt8]
  private var offset = 0
  private var line = 1
  private var delimiter = UInt8(ascii: ",")
  /// Whether blanks after a delimiter are skipped.
  private var skipsBlanks = false

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
  }

  /// Reads a table of unknown origin.
  ///
  /// The reader also reads UTF-16 with a byte order mark. A first line such as `sep=;`, which spreadsheets write, names
  /// the separator. Otherwise the separator is a semicolon or a tab if the first line has that character outside quotes
  /// and has no comma outside quotes. In all other cases the separator is a comma. Blanks after separators are skipped
  /// if the first line has a blank after a separator.
  ///
  /// - Parameter isTabbed: whether tabs separate fields, unless the first line names another separator with `sep=`.
  package init(table bytes: [UInt8], isTabbed: Bool = false) throws(CSVError) {
    self.init(try Self.utf8(bytes))
    while takeLineBreak() {}
    let said = takeSeparatorLine() ?? (isTabbed ? 0x09 : nil)
    while takeLineBreak() {}
    var counts: [UInt8: Int] = [:]
    var isQuoted = false
    var previous: UInt8 = 0
    var blanks: Set<UInt8> = []
    for byte in self.bytes[offset...] {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == 0x0A || byte == 0x0D { break }
      if Self.delimiters.contains(byte) { counts[byte, default: 0] += 1 }
      if byte == 0x20, Self.delimiters.contains(previous) { blanks.insert(previous) }
      previous = byte
    }
    if let said {
      delimiter = said
    } else if counts[delimiter] == nil {
      let (semicolons, tabs) = (counts[UInt8(ascii: ";")] ?? 0, counts[0x09] ?? 0)
      if semicolons + tabs > 0 { delimiter = tabs > semicolons ? 0x09 : UInt8(ascii: ";") }
    }
    skipsBlanks = blanks.contains(delimiter)
  }

  /// The separator that a line such as `sep=;` names. The line may be in quotes.
  private mutating func takeSeparatorLine() -> UInt8? {
    let line = bytes[offset...].prefix { $0 != 0x0A && $0 != 0x0D }
    var text = line[...]
    if text.first == UInt8(ascii: "\""), text.last == UInt8(ascii: "\""), text.count > 1 {
      text = text.dropFirst().dropLast()
    }
    guard text.count == 5, text.prefix(4).map({ $0 | 0x20 }).elementsEqual("sep=".utf8.map { $0 | 0x20 }),
      let separator = text.last, separator != UInt8(ascii: "\"")
    else { return nil }
    offset += line.count
    return separator
  }

  private static let delimiters: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09]

  /// The text as UTF-8. UTF-16 with a byte order mark is converted.
  static func utf8(_ bytes: [UInt8]) throws(CSVError) -> [UInt8] {
    let start = bytes.prefix(4)
    if start == [0xFF, 0xFE, 0, 0] || start == [0, 0, 0xFE, 0xFF] { throw .encoding("UTF-32") }
    let isLittle = start.starts(with: [0xFF, 0xFE])
    guard isLittle || start.starts(with: [0xFE, 0xFF]) else {
      if start.prefix(2).contains(0) { throw .encoding("UTF-16 without a byte order mark") }
      return bytes
    }
    guard bytes.count.isMultiple(of: 2) else { throw .encoding("damaged UTF-16") }
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    for place in stride(from: 2, to: bytes.count - 1, by: 2) {
      let (first, second) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
      units.append(isLittle ? second << 8 | first : first << 8 | second)
    }
    guard let text = String(validating: units, as: UTF16.self) else { throw .encoding("damaged UTF-16") }
    return Array(text.utf8)
  }

  mutating func next() throws(CSVError) -> CSVRecord? {
    guard let record = try nextSlices() else { return nil }
    var fields: [String] = []
    fields.reserveCapacity(record.fields.count)
    for field in record.fields {
      guard let text = String(validating: field, as: UTF8.self) else { throw .invalidText(line: record.line) }
      fields.append(text)
    }
    return CSVRecord(line: record.line, fields: fields)
  }

  /// The fields of the next record, without their quotes; nil at the end of the file. The bytes are those of the file
  /// and are not checked for UTF-8.
  package mutating func nextSlices() throws(CSVError) -> (line: Int, fields: [ArraySlice<UInt8>])? {
    while takeLineBreak() {}
    guard offset < bytes.count else { return nil }
    let first = line
    var fields: [ArraySlice<UInt8>] = []
    while true {
      fields.append(try field())
      if offset < bytes.count, bytes[offset] == delimiter {
        offset += 1
        while skipsBlanks, offset < bytes.count, bytes[offset] == 0x20 { offset += 1 }
        continue
      }
      _ = takeLineBreak()
      return (first, fields)
    }
  }

  /// The next field. Afterwards the offset is at the comma, the line break or the end of the text that follows the
  /// field.
  private mutating func field() throws(CSVError) -> ArraySlice<UInt8> {
    let isQuoted = offset < bytes.count && bytes[offset] == UInt8(ascii: "\"")
    return isQuoted ? try quotedField() : try plainField()
  }

  private mutating func plainField() throws(CSVError) -> ArraySlice<UInt8> {
    let start = offset
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == delimiter || byte == 0x0A || byte == 0x0D { break }
      guard byte != UInt8(ascii: "\"") else { throw .strayQuote(line: line) }
      offset += 1
    }
    return bytes[start..<offset]
  }

  private mutating func quotedField() throws(CSVError) -> ArraySlice<UInt8> {
    let opening = line
    var content: ArraySlice<UInt8> = []
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == UInt8(ascii: "\"") {
        offset += 1
        guard offset < bytes.count else { return content }
        switch bytes[offset] {
        case UInt8(ascii: "\""): content.append(byte)
        case delimiter, 0x0A, 0x0D: return content
        default: throw .textAfterClosingQuote(line: line)
        }
        offset += 1
        continue
      }
      if byte == 0x0A { line += 1 }
      content.append(byte)
      offset += 1
    }
    throw .unclosedQuote(line: opening)
  }

  private mutating func takeLineBreak() -> Bool {
    guard offset < bytes.count, bytes[offset] == 0x0A || bytes[offset] == 0x0D else { return false }
    if bytes[offset] == 0x0D, offset + 1 < bytes.count, bytes[offset + 1] == 0x0A { offset += 1 }
    offset += 1
    line += 1
    return true
  }
}
