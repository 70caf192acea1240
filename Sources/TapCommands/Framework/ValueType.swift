// How the text of one argument becomes a value: its type, its range, its choices.

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
}

extension ValueType where Value == String {
  /// Any text but the empty one.
  package static let text = ValueType(
    expectation: "a text", choices: [], parse: { $0.isEmpty ? nil : $0 }, show: { $0 })

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

extension ValueType where Value == UInt64 {
  /// A seed of a random number generator.
  package static let seed = ValueType(
    expectation: "an integer from 0 to \(UInt64.max)", choices: [], parse: { UInt64($0) },
    show: { String($0) })
}

extension ValueType where Value == Double {
  /// A finite number that `accepts` takes; `expectation` says which those are.
  package static func number(
    _ expectation: String, where accepts: @escaping @Sendable (Double) -> Bool
  ) -> ValueType {
    ValueType(
      expectation: expectation, choices: [], parse: { finite($0).flatMap { accepts($0) ? $0 : nil } },
      show: { Self.shortest($0) })
  }

  static func finite(_ text: String) -> Double? {
    guard let value = Double(text), value.isFinite else { return nil }
    return value
  }

  static func shortest(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
  }
}

extension ValueType where Value == [Double] {
  /// Three finite numbers for r, g and b, separated by commas, each of which `accepts` takes.
  package static func perChannel(
    _ expectation: String = "three numbers r,g,b",
    where accepts: @escaping @Sendable (Double) -> Bool = { _ in true }
  ) -> ValueType {
    ValueType(
      expectation: expectation, choices: [],
      parse: { text in
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false)
          .compactMap { ValueType<Double>.finite(String($0)) }
        let parts = text.count { $0 == "," } + 1
        return numbers.count == 3 && parts == 3 && numbers.allSatisfy(accepts) ? numbers : nil
      },
      show: { $0.map(ValueType<Double>.shortest).joined(separator: ",") })
  }
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
