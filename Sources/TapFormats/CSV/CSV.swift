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

  package var description: String {
    switch self {
    case .unclosedQuote(let line): "line \(line): a quoted field has no closing quote"
    case .strayQuote(let line):
      "line \(line): a quote within an unquoted field; put the field in quotes and double the quotes within"
    case .textAfterClosingQuote(let line):
      "line \(line): text after a closing quote; expected a comma or the end of the line"
    case .invalidText(let line): "line \(line): the text is not valid UTF-8"
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

  package static func parse(_ bytes: [UInt8]) throws(CSVError) -> [[String]] {
    try records(bytes).map(\.fields)
  }

  package static func parse(_ text: String) throws(CSVError) -> [[String]] { try parse(Array(text.utf8)) }

  /// One record with its line feed at the end. Fields are quoted where reading back needs it.
  package static func line(_ fields: [String]) -> String {
    if fields == [""] { return "\"\"\n" }
    return fields.map(quoted).joined(separator: ",") + "\n"
  }

  private static func quoted(_ field: String) -> String {
    let special = field.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    // A first field with a byte order mark would lose it; spaces at the ends are kept by us, not by all.
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

/// Reads records one at a time, for tables that are large.
package struct CSVReader {
  private let bytes: [UInt8]
  private var offset = 0
  private var line = 1

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
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

  /// The fields of the next record as they lie in the file, quotes taken away; nil at the end. Not checked for UTF-8.
  package mutating func nextSlices() throws(CSVError) -> (line: Int, fields: [ArraySlice<UInt8>])? {
    while takeLineBreak() {}
    guard offset < bytes.count else { return nil }
    let first = line
    var fields: [ArraySlice<UInt8>] = []
    while true {
      fields.append(try field())
      if offset < bytes.count, bytes[offset] == UInt8(ascii: ",") {
        offset += 1
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
      if byte == UInt8(ascii: ",") || byte == 0x0A || byte == 0x0D { break }
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
        case UInt8(ascii: ","), 0x0A, 0x0D: return content
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
