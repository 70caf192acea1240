// Errors of text that is not JSON, or is not the expected JSON, with the position of the error.

/// A place in a text. Line and column are counted from 1, and a column is counted in bytes.
public struct JSONPosition: Hashable, Sendable, CustomStringConvertible {
  /// The number of the line.
  public let line: Int
  /// The number of the byte in the line.
  public let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public var description: String { "line \(line), column \(column)" }
}

/// The reason why a text is not JSON, or is not the expected JSON.
public enum JSONError: Error, Equatable, CustomStringConvertible {
  /// The grammar needs something else at this position.
  case unexpected(found: String, expected: String, at: JSONPosition)
  /// An object has the same key twice.
  case duplicateKey(String, at: JSONPosition)
  /// Arrays and objects are nested beyond the limit.
  case tooDeep(limit: Int, at: JSONPosition)
  /// A number is outside the range of a double.
  case numberOutOfRange(String, at: JSONPosition)
  /// Bytes are not UTF-8, or a surrogate has no partner.
  case invalidText(at: JSONPosition)
  /// An object lacks a required value.
  case missing(field: String)
  /// A value exists but has another type.
  case wrongType(field: String, expected: String, found: String)

  public var description: String {
    switch self {
    case .unexpected(let found, let expected, let at): "\(at): expected \(expected), found \(found)"
    case .duplicateKey(let key, let at): "\(at): the key \"\(key)\" is there twice"
    case .tooDeep(let limit, let at): "\(at): more than \(limit) arrays and objects in each other"
    case .numberOutOfRange(let text, let at): "\(at): the number \(text) is out of range"
    case .invalidText(let at): "\(at): the text is not valid UTF-8"
    case .missing(let field): "the field \"\(field)\" is missing"
    case .wrongType(let field, let expected, let found):
      "the field \"\(field)\" should be \(expected) but is \(found)"
    }
  }
}
