// Converts text to values, and reads the fields that a reader of files needs from values.

extension JSONValue {
  /// Reads one JSON document (RFC 8259). With `json5`, also reads JSON5: comments, trailing commas, unquoted keys,
  /// single quotes, signs and hexadecimal numbers. NaN and infinities are always refused.
  ///
  /// - Throws: ``JSONError`` with line and column. The reasons are bad syntax, a repeated key, a number outside the
  ///   range of a double, bytes that are not UTF-8, and more than 128 levels.
  package static func parse(_ bytes: [UInt8], json5: Bool = false) throws(JSONError) -> JSONValue {
    var parser = JSONParser(bytes, json5: json5, recordsPositions: false)
    return try parser.document()
  }

  package static func parse(_ text: String, json5: Bool = false) throws(JSONError) -> JSONValue {
    try parse(Array(text.utf8), json5: json5)
  }
}

/// A parsed text with the position of each value, so that a reader can name the wrong line.
package struct JSONDocument: Sendable {
  package let root: JSONValue
  private let bytes: [UInt8]
  /// The offset of each value, by the path of the value: `layers[2].name`. The path of the root is empty.
  private let offsets: [String: Int]

  package init(_ bytes: [UInt8], json5: Bool = false) throws(JSONError) {
    var parser = JSONParser(bytes, json5: json5, recordsPositions: true)
    root = try parser.document()
    self.bytes = bytes
    offsets = parser.offsets
  }

  /// The position of the value at `path`; nil if no value has that path.
  package func position(of path: String) -> JSONPosition? {
    offsets[path].map { JSONPosition(offset: $0, in: bytes) }
  }
}

extension JSONValue {
  /// Makes a number of an unsigned integer.
  package init(_ value: UInt64) { self = Int(exactly: value).map(JSONValue.integer) ?? .unsigned(value) }

  /// The value of an object's key. The result is nil for an absent key, and for values other than objects.
  package subscript(key: String) -> JSONValue? { objectValue?[key] }

  package var stringValue: String? { if case .string(let value) = self { value } else { nil } }

  package var intValue: Int? { if case .integer(let value) = self { value } else { nil } }

  /// The value as a double, for any number including integers.
  package var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

  package var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

  package var objectValue: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }

  /// The kind of the value, for messages: "a string", "an array".
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .integer, .unsigned: "an integer"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  package func string(_ key: String) throws(JSONError) -> String {
    try field(key, "a string") { $0.stringValue }
  }

  package func int(_ key: String) throws(JSONError) -> Int {
    try field(key, "an integer") { $0.intValue }
  }

  package func double(_ key: String) throws(JSONError) -> Double {
    try field(key, "a number") { $0.doubleValue }
  }

  package func bool(_ key: String) throws(JSONError) -> Bool {
    try field(key, "true or false") { $0.boolValue }
  }

  package func array(_ key: String) throws(JSONError) -> [JSONValue] {
    try field(key, "an array") { $0.arrayValue }
  }

  package func object(_ key: String) throws(JSONError) -> [String: JSONValue] {
    try field(key, "an object") { $0.objectValue }
  }

  /// The value of a required key, converted to the expected type.
  private func field<T>(
    _ key: String, _ expected: String, _ read: (JSONValue) -> T?
  ) throws(JSONError) -> T {
    guard let value = self[key] else { throw .missing(field: key) }
    guard let typed = read(value) else {
      throw .wrongType(field: key, expected: expected, found: value.kind)
    }
    return typed
  }
}
