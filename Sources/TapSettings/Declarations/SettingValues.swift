// The values that a setting takes. One declaration checks a value, reads a word of a command line, and describes the
// expected value. Command lines and pipeline files share the declaration.

import TapFormats
import TapProvenance

/// The values that a setting takes, in the form of JSON values.
package indirect enum SettingValues: Hashable, Sendable {
  /// `true` or `false`.
  case flag
  /// An integer in a range. A range that ends at `Int.max` has no upper limit.
  case integer(ClosedRange<Int>)
  /// A finite number.
  case number(NumberRange)
  /// An integer of 64 bits, kept as a text, because a double cannot represent every JSON number of that size.
  case seed
  /// One of these texts.
  case words([String])
  /// Any text except the empty text.
  case text
  /// A list of at least one value. A command line separates the values by commas. With `isSet`, no value occurs twice.
  case list(SettingValues, isSet: Bool)
  /// Three values: for red, green and blue.
  case channels(NumberRange)
  /// A value of one of several kinds. The first kind that accepts the value is used.
  case either([SettingValues])
  /// An array of columns, in the form that stores and models use.
  case columns
  /// A value or JSON's null, which means no value. `word` is the text that stands for null; nil if no text does.
  case optional(SettingValues, word: String?)
}

/// A range of finite numbers.
package struct NumberRange: Hashable, Sendable {
  let lower: Double
  let upper: Double
  let includesLower: Bool
  let includesUpper: Bool
  /// The range in words that follow "a number": `above 0`, `from 0 to 1`.
  let text: String

  package static let any = NumberRange(-.infinity, .infinity, "")
  package static let positive = NumberRange(0, .infinity, "above 0")
  package static let fraction = NumberRange(0, 1, "between 0 and 1")
  package static let unit = NumberRange(0, 1, includesLower: true, includesUpper: true, "from 0 to 1")
  package static let share = NumberRange(0, 1, includesUpper: true, "above 0 and up to 1")

  private init(
    _ lower: Double, _ upper: Double, includesLower: Bool = false, includesUpper: Bool = false, _ text: String
  ) {
    self.lower = lower
    self.upper = upper
    self.includesLower = includesLower
    self.includesUpper = includesUpper
    self.text = text
  }

  func contains(_ value: Double) -> Bool {
    value.isFinite && (includesLower ? value >= lower : value > lower)
      && (includesUpper ? value <= upper : value < upper)
  }
}

// MARK: - Checking

extension SettingValues {
  /// The value in its canonical form; nil if the setting does not take the value.
  package func accepted(_ value: JSONValue) -> JSONValue? {
    switch self {
    case .flag: return value.boolValue == nil ? nil : value
    case .integer(let range): return value.intValue.flatMap { range.contains($0) ? value : nil }
    case .number(let range):
      return value.doubleValue.flatMap { range.contains($0) ? .number($0) : nil }
    case .seed: return value.seedValue.map { .string(String($0)) }
    case .words(let words): return value.stringValue.flatMap { words.contains($0) ? value : nil }
    case .text: return value.stringValue.flatMap { $0.isEmpty ? nil : value }
    case .list(let element, let isSet):
      let values = value.arrayValue ?? [value]
      let taken = values.compactMap(element.accepted)
      guard !values.isEmpty, taken.count == values.count, !isSet || Set(taken).count == taken.count else {
        return nil
      }
      return .array(taken)
    case .channels(let range):
      let taken = value.arrayValue?.compactMap(SettingValues.number(range).accepted) ?? []
      return taken.count == 3 && value.arrayValue?.count == 3 ? .array(taken) : nil
    case .either(let kinds):
      for kind in kinds {
        if let taken = kind.accepted(value) { return taken }
      }
      return nil
    case .columns:
      let columns = value.arrayValue?.compactMap { try? Column(json: $0) } ?? []
      return !columns.isEmpty && columns.count == value.arrayValue?.count ? value : nil
    case .optional(let values, let word):
      if value == .null || word.map({ value == .string($0) }) ?? false { return .null }
      return values.accepted(value)
    }
  }

  /// The value of a text on a command line; nil if the text is not of this kind. ``accepted(_:)`` may still refuse the
  /// value.
  package func parsed(_ text: String) -> JSONValue? {
    switch self {
    case .flag: return text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
    case .integer: return Int(text).map(JSONValue.integer)
    case .number: return SettingValues.finite(text)
    case .seed: return UInt64(text).map { .string(String($0)) }
    case .words(let words): return words.contains(text) ? .string(text) : nil
    case .text: return text.isEmpty ? nil : .string(text)
    case .list(let element, _): return SettingValues.parts(text, element.parsed)
    case .channels: return SettingValues.parts(text, SettingValues.finite)
    case .either(let kinds):
      for kind in kinds {
        if let value = kind.parsed(text), kind.accepted(value) != nil { return value }
      }
      return nil
    case .columns: return nil
    case .optional(let values, let word):
      return text == word ? .null : values.parsed(text)
    }
  }

  private static func finite(_ text: String) -> JSONValue? {
    Double(text).flatMap { $0.isFinite ? .number($0) : nil }
  }

  private static func parts(_ text: String, _ parse: (String) -> JSONValue?) -> JSONValue? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let values = parts.compactMap { parse(String($0)) }
    return values.count == parts.count ? .array(values) : nil
  }
}

// MARK: - Words

extension SettingValues {
  /// The expected value in words: `an integer from 2 to 1000`.
  package var expectation: String {
    switch self {
    case .flag: "true or false"
    case .integer(let range):
      range.upperBound == .max
        ? "an integer of at least \(range.lowerBound)"
        : "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range): range.text.isEmpty ? "a number" : "a number \(range.text)"
    case .seed: "an integer from 0 to \(UInt64.max)"
    case .words(let words): "one of \(words.joined(separator: ", "))"
    case .text: "a text that is not empty"
    case .list(let element, let isSet):
      "\(element.expectation), or a list of such\(isSet ? ", none twice" : "")"
    case .channels(let range):
      "three numbers\(range.text.isEmpty ? "" : " \(range.text)"), for r, g and b"
    case .either(let kinds): SettingValues.joined(kinds.map(\.alternative))
    case .columns: "an array of one or more columns"
    case .optional(let values, let word): values.expectation + (word.map { ", or \($0)" } ?? "")
    }
  }

  /// The values in a few words, for help and tables: `2 to 1000`, `auto, none`. The text is empty if no words are
  /// needed.
  package var range: String {
    switch self {
    case .flag, .text, .columns: ""
    case .integer(let range):
      range.upperBound == .max
        ? "an integer from \(range.lowerBound) up" : "\(range.lowerBound) to \(range.upperBound)"
    case .number(let range): range.text
    case .seed: "0 to \(UInt64.max)"
    case .words(let words): words.joined(separator: ", ")
    case .list(let element, _): element.range
    case .channels(let range): range.text
    case .either(let kinds): SettingValues.joined(kinds.map(\.alternative))
    case .optional(let values, let word):
      values.range + (word.map { values.range.isEmpty ? $0 : ", or \($0)" } ?? "")
    }
  }

  /// The words for this kind of value in a list of several kinds.
  private var alternative: String {
    switch self {
    case .words: range
    case .list(.number(let range), let isSet): "a list of numbers \(range.text)\(isSet ? ", none twice" : "")"
    default: expectation
    }
  }

  /// The parts in a list: `a, b, or c`.
  private static func joined(_ parts: [String]) -> String {
    parts.count < 2
      ? parts.joined() : parts.dropLast().joined(separator: ", ") + ", or " + parts[parts.count - 1]
  }

  /// Whether the value is true or false, and possibly null.
  package var isFlag: Bool {
    switch self {
    case .flag, .optional(.flag, _): true
    default: false
    }
  }

  /// The values of a list's elements; nil if the value is not a list. A command line may also give the elements in
  /// separate words.
  package var listElement: SettingValues? {
    if case .list(let element, _) = self { element } else { nil }
  }

  /// The words among the values, for suggestions to the user.
  package var wordChoices: [String] {
    switch self {
    case .words(let words): words
    case .either(let kinds): kinds.flatMap(\.wordChoices)
    case .list(let element, _): element.wordChoices
    case .optional(let values, let word): values.wordChoices + (word.map { [$0] } ?? [])
    default: []
    }
  }
}

extension JSONValue {
  /// An integer of 64 bits, from a JSON number or from a text of digits.
  package var seedValue: UInt64? {
    switch self {
    case .integer(let value): UInt64(exactly: value)
    case .unsigned(let value): value
    case .string(let text): text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(text) : nil
    default: nil
    }
  }

  /// The value as a user types it, for messages and help: a text without quotation marks, a whole number without a
  /// fraction.
  package var typed: String {
    switch self {
    case .string(let text): text
    case .number(let value) where value == value.rounded() && abs(value) < 1e15: String(Int(value))
    case .array(let values): values.map(\.typed).joined(separator: ",")
    case .null: "none"
    default: canonical
    }
  }
}
