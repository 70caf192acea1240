// How the text of one argument becomes a value: its type, its range, its choices.

/// What a path that is typed leads to.
enum PathKind: Sendable {
  case file, folder
}

/// What an argument's text has to be.
package struct ValueType<Value: Sendable>: Sendable {
  /// What was expected, when a text is refused: "an integer of at least 1".
  let expectation: String
  /// The texts that are accepted, when there are few; shown in the help.
  let choices: [String]
  /// The value, or nil if the text is none.
  let parse: @Sendable (String) -> Value?
  /// A value as it would be typed.
  let show: @Sendable (Value) -> String
  /// Whether the text is a path.
  var path: PathKind?
}

extension ValueType where Value == String {
  /// Any text but the empty one.
  package static let text = ValueType(
    expectation: "a text", choices: [], parse: { $0.isEmpty ? nil : $0 }, show: { $0 })

  /// The path of a file, or of whatever else there may be.
  package static let file = path(.file)

  /// The path of a folder.
  package static let folder = path(.folder)

  private static func path(_ kind: PathKind) -> ValueType {
    var type = text
    type.path = kind
    return type
  }

  /// One of some names.
  package static func choice(_ names: [String]) -> ValueType {
    ValueType(
      expectation: "one of \(names.joined(separator: ", "))", choices: names,
      parse: { names.contains($0) ? $0 : nil }, show: { $0 })
  }
}

extension ValueType where Value == Int {
  package static func integer(in range: ClosedRange<Int>) -> ValueType {
    let bounds =
      range.upperBound == .max
      ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
    return ValueType(
      expectation: "an integer \(bounds)", choices: [],
      parse: { Int($0).flatMap { range.contains($0) ? $0 : nil } }, show: { String($0) })
  }

  package static func integer(atLeast minimum: Int) -> ValueType { integer(in: minimum...Int.max) }
}

extension ValueType where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
  /// One of the cases of an enumeration, by raw value.
  package static var choice: ValueType {
    let names = Value.allCases.map(\.rawValue)
    return ValueType(
      expectation: "one of \(names.joined(separator: ", "))", choices: names,
      parse: { Value(rawValue: $0) }, show: { $0.rawValue })
  }
}
