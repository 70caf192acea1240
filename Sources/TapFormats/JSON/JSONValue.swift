// A JSON document as a value: the form of provenance, models, stores and pipelines.

/// Any JSON value. Integers that fit stay integers.
public enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  /// An integer beyond `Int.max`, such as a seed of 64 bits.
  case unsigned(UInt64)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
}
