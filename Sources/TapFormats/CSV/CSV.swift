// Comma-separated values (RFC 4180): manifests, items.csv, predictions.

/// One record and the line of the file on which it begins, counted from 1.
package struct CSVRecord: Hashable, Sendable {
  package let line: Int
  package let fields: [String]
}

package enum CSVError: Error, Equatable, CustomStringConvertible {
  case unclosedQuote(line: Int)
  /// A quote within a field that does not begin with one.
  case strayQuote(line: Int)
  case textAfterClosingQuote(line: Int)
  case invalidText(line: Int)
  /// UTF-16 without a byte order mark, or UTF-32.
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
  /// The records of a text, header included. Lines end with LF, CRLF or CR; a byte order mark and
  /// empty lines are skipped; quoted fields may hold commas, doubled quotes and line breaks. Records
  /// may have different numbers of fields.
  package static func records(_ bytes: [UInt8]) throws(CSVError) -> [CSVRecord] {
    var reader = CSVReader(bytes)
    var records: [CSVRecord] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }

  /// The same for a table that a person or another program wrote: see ``CSVReader/init(table:isTabbed:)``.
  package static func tableRecords(
    _ bytes: [UInt8], isTabbed: Bool = false
  ) throws(CSVError) -> [CSVRecord] {
    var reader = try CSVReader(table: bytes, isTabbed: isTabbed)
    var records: [CSVRecord] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }

  /// The lines that are not empty, each as one field with any contents; encodings and line ends as for
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

  /// One record with its line feed at the end. Fields are quoted if reading them back needs it.
  package static func line(_ fields: [String]) -> String {
    if fields == [""] { return "\"\"\n" }
    return fields.map(quoted).joined(separator: ",") + "\n"
  }

  private static func quoted(_ field: String) -> String {
    let special = field.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    // A first field with a byte order mark would lose it; we keep spaces at the ends, but other readers may not.
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

/// Reads records one at a time, for large tables.
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
  /// UTF-16 with a byte order mark can be read too. A first line `sep=;`, as spreadsheets write it, names the
  /// separator. Otherwise it is a semicolon or a tab if the first line has one outside quotes, and no comma there; else
  /// a comma. Blanks after separators are skipped if the first line has a blank after a separator.
  ///
  /// - Parameter isTabbed: whether tabs separate fields, whatever else the first line contains.
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

  /// The separator in a line `sep=;`, which may be in quotes.
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

  fileprivate static func utf8(_ bytes: [UInt8]) throws(CSVError) -> [UInt8] {
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

  /// The fields of the next record as they are in the file, without quotes; nil at the end. Not checked for UTF-8.
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

  /// Leaves the offset at the comma, line break or end of text after the field.
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
