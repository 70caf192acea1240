// Errors of text that is not JSON, or not the expected JSON, with the position.

/// A place in a text, both counted from 1; columns are counted in bytes.
public struct JSONPosition: Hashable, Sendable, CustomStringConvertible {
  /// The line.
  public let line: Int
  /// The byte of the line.
  public let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public var description: String { "line \(line), column \(column)" }
}

/// The reason why a text is not JSON, or not the expected JSON.
public enum JSONError: Error, Equatable, CustomStringConvertible {
  /// The grammar needs something else here.
  case unexpected(found: String, expected: String, at: JSONPosition)
  /// A key that an object has twice.
  case duplicateKey(String, at: JSONPosition)
  /// Nested arrays and objects beyond the limit.
  case tooDeep(limit: Int, at: JSONPosition)
  /// A number outside the range of a double.
  case numberOutOfRange(String, at: JSONPosition)
  /// Bytes that are not UTF-8, or an unpaired surrogate.
  case invalidText(at: JSONPosition)
  /// A value of an object is absent.
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
