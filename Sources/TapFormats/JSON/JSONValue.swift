// A JSON document as a value. Provenance, models, stores and pipelines are such documents.

/// Any JSON value. Integers that fit in `Int` stay integers.
public enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number without fraction and exponent that fits in `Int`.
  case integer(Int)
  /// An integer beyond `Int.max`, such as a 64-bit seed.
  case unsigned(UInt64)
  /// A number that is not one of these integers.
  case number(Double)
  /// A text.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object, whose keys have no order.
  case object([String: JSONValue])
}
