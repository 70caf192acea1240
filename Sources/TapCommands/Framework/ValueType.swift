// The conversion of an argument's text to a value: the type of the value, its range and its choices.

/// The kind of file that a typed path leads to.
enum PathKind: Sendable {
  case file, folder
}

/// The allowed texts of an argument.
package struct ValueType<Value: Sendable>: Sendable {
  /// The expected value, for the error about a refused text: "an integer of at least 1".
  let expectation: String
  /// The accepted texts, if they are few. The help shows the texts.
  let choices: [String]
  /// Converts a text to a value; nil if the text is invalid.
  let parse: @Sendable (String) -> Value?
  /// Converts a value to the text that a user would type.
  let show: @Sendable (Value) -> String
  /// The kind of path, if the text is a path.
  var path: PathKind?
}

extension ValueType where Value == String {
  /// Any text except the empty text.
  package static let text = ValueType(
    expectation: "a text", choices: [], parse: { $0.isEmpty ? nil : $0 }, show: { $0 })

  /// The path of a file or of anything else on disk.
  package static let file = path(.file)

  /// The path of a folder.
  package static let folder = path(.folder)

  private static func path(_ kind: PathKind) -> ValueType {
    var type = text
    type.path = kind
    return type
  }

  /// One of these names.
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

extension ValueType where Value == Double {
  /// A number from 0 to 1.
  package static let share = ValueType(
    expectation: "a number from 0 to 1", choices: [],
    parse: { Double($0).flatMap { (0...1).contains($0) ? $0 : nil } }, show: { "\($0)" })
}

extension ValueType where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
  /// The raw value of one of the cases of an enumeration.
  package static var choice: ValueType {
    let names = Value.allCases.map(\.rawValue)
    return ValueType(
      expectation: "one of \(names.joined(separator: ", "))", choices: names,
      parse: { Value(rawValue: $0) }, show: { $0.rawValue })
  }
}
