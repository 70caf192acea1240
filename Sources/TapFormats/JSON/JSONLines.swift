// JSON lines: a text with one JSON object on each line, read as a table. The fields of the objects are the columns.

/// The reason why a text is not a table of JSON lines.
package struct JSONLinesError: Error, Equatable {
  /// The number of the line, from 1.
  package let line: Int
  /// The text of the error, without the line.
  package let problem: String

  package init(line: Int, problem: String) {
    self.line = line
    self.problem = problem
  }
}

package enum JSONLines {
  /// The maximum length of a line in bytes.
  package static let longestLine = 1 << 20

  /// Whether a text begins with a JSON object that has a field.
  package static func isBeginning(of bytes: [UInt8]) -> Bool {
    guard let text = try? CSVReader.utf8(bytes) else { return false }
    let start = text.dropFirst(text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0).drop(while: isSpace)
    return start.first == UInt8(ascii: "{") && start.dropFirst().first { !isSpace($0) } == UInt8(ascii: "\"")
  }

  /// The first record has the names of all fields, sorted by their bytes. Each further record has the values of one
  /// line as texts. A missing field and `null` become the empty text. Numbers, arrays and objects become their JSON.
  ///
  /// Lines end with LF or CRLF. Blank lines and a byte order mark are skipped. UTF-16 with a byte order mark is read
  /// too.
  ///
  /// - Parameter texts: the names, in lower case, of fields that must be a text, an integer, a truth value or `null`.
  /// - Returns: no records if all lines are blank.
  /// - Throws: ``JSONLinesError`` for lines that are no objects or are longer than ``longestLine``. It is also thrown
  ///   if most objects lack most fields, so that the table would be much larger than the text.
  package static func records(_ bytes: [UInt8], texts: Set<String>) throws(JSONLinesError) -> [CSVRecord] {
    let text: [UInt8]
    do { text = try CSVReader.utf8(bytes) } catch { throw JSONLinesError(line: 1, problem: "\(error)") }
    var rows: [(line: Int, fields: [String])] = []
    var places: [String: Int] = [:]
    var cells = 0
    var (number, start) = (0, text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
    while start < text.count {
      number += 1
      let end = text[start...].firstIndex(of: 0x0A) ?? text.count
      let line = text[start..<end]
      start = end + 1
      guard line.count <= longestLine else {
        throw JSONLinesError(
          line: number, problem: "expected an object in at most \(longestLine) bytes, found \(line.count) bytes")
      }
      if line.allSatisfy(isSpace) { continue }
      rows.append((number, try row(Array(line), number, texts, &places)))
      cells += places.count
      guard cells <= text.count + longestLine else { throw tooSparse(number, places.count) }
    }
    guard let first = rows.first else { return [] }
    guard rows.count * places.count <= text.count + longestLine else { throw tooSparse(first.line, places.count) }
    let columns = places.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    return [CSVRecord(line: first.line, fields: columns.map(\.key))]
      + rows.map { row in
        CSVRecord(
          line: row.line, fields: columns.map { $0.value < row.fields.count ? row.fields[$0.value] : "" })
      }
  }

  private static func tooSparse(_ line: Int, _ count: Int) -> JSONLinesError {
    JSONLinesError(
      line: line, problem: "expected objects with the same fields, found \(count) different fields up to here")
  }

  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

  /// The texts of the fields of one line.
  ///
  /// - Parameter places: the place of each field in a row. New fields are added.
  private static func row(
    _ line: [UInt8], _ number: Int, _ texts: Set<String>, _ places: inout [String: Int]
  ) throws(JSONLinesError) -> [String] {
    let value: JSONValue
    do { value = try JSONValue.parse(line) } catch {
      // The position in the text of one line is on its line 1.
      let text = "\(error)"
      let position = "line 1, "
      throw JSONLinesError(
        line: number, problem: text.hasPrefix(position) ? String(text.dropFirst(position.count)) : text)
    }
    guard let object = value.objectValue else {
      throw JSONLinesError(
        line: number,
        problem: "expected an object such as {\"path\": \"a.jpg\", \"label\": \"cat\"}, found \(value.kind)")
    }
    for name in object.keys where places[name] == nil { places[name] = places.count }
    var fields = Array(repeating: "", count: places.count)
    for (name, value) in object {
      guard let text = text(of: value, isText: texts.contains(name.lowercased()) || texts.contains(name)) else {
        throw JSONLinesError(
          line: number, problem: "expected a text or an integer in the field \(name), found \(value.shown)")
      }
      if let place = places[name] { fields[place] = text }
    }
    return fields
  }

  /// The text of a value; nil if the value is not allowed in a field of texts.
  private static func text(of value: JSONValue, isText: Bool) -> String? {
    switch value {
    case .null: ""
    case .string(let text): text
    case .bool, .integer, .unsigned: value.canonical
    case .number, .array, .object: isText ? nil : value.canonical
    }
  }
}
