// A JSON document as a value: the form of provenance, models, stores and pipelines.

/// Any JSON value. Integers that fit stay integers.
public enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number without fraction and exponent.
  case integer(Int)
  /// An integer beyond `Int.max`, such as a seed of 64 bits.
  case unsigned(UInt64)
  /// Any other number.
  case number(Double)
  /// A text.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object, whose keys have no order.
  case object([String: JSONValue])
}
