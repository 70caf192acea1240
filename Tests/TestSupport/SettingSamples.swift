import TapFormats
import TapSettings

/// Values that a setting accepts and values that it refuses. They are made from its declaration, also for a new
/// setting.
package enum SettingSamples {
  package static func accepted(_ values: SettingValues) -> [JSONValue] {
    switch values {
    case .flag: return [.bool(true), .bool(false)]
    case .integer(let range):
      return Set([
        range.lowerBound, range.lowerBound + 2, min(range.upperBound, range.lowerBound + 1_000_000),
      ])
      .filter(range.contains).sorted().map(JSONValue.integer)
    case .number: return [.number(0.25), .number(0.5)]
    case .seed: return [.string("3"), .integer(7), .unsigned(.max), .string("\(UInt64.max)")]
    case .words(let words): return words.map(JSONValue.string)
    case .text: return [.string("a"), .string("b.c")]
    case .list(let element, _):
      let elements = accepted(element)
      return [elements[0], .array([elements[0]]), .array(Array(elements.prefix(2)))]
    case .channels: return [.array([.number(0.5), .number(1), .number(2)])]
    case .either(let kinds): return kinds.flatMap(accepted)
    case .columns: return [.array([.object(["tap": .string("a"), "pooling": .string("avg")])])]
    case .optional(let values, let word):
      return accepted(values) + [.null] + (word.map { [.string($0)] } ?? [])
    }
  }

  /// Values that a setting with these values refuses.
  package static func refused(_ values: SettingValues) -> [JSONValue] {
    let candidates: [JSONValue] =
      [
        .bool(true), .string(""), .string("nonsense"), .number(-1.5), .integer(-1), .integer(0), .number(2.5),
        .array([]), .array([.number(1), .number(2)]), .array([.number(-1), .number(1), .number(1)]),
        .object([:]),
        .null, .number(.nan), .number(.infinity), .string("1e999"),
      ] + edges(values)
    return candidates.filter { values.accepted($0) == nil }
  }

  /// The nearest values outside the range.
  private static func edges(_ values: SettingValues) -> [JSONValue] {
    switch values {
    case .integer(let range):
      [.integer(range.lowerBound - 1)] + (range.upperBound < .max ? [.integer(range.upperBound + 1)] : [])
    case .number:
      [.number(0), .number(-0.0), .number(1), .number(1.0.nextUp), .number(-Double.leastNonzeroMagnitude)]
    case .seed: [.string("18446744073709551616"), .string("-1"), .string("+1"), .string(" 1"), .number(1)]
    case .list(let element, let isSet):
      edges(element) + (isSet ? [.array(Array(repeating: accepted(element)[0], count: 2))] : [])
    case .either(let kinds): kinds.flatMap(edges)
    case .optional(let values, _): edges(values)
    default: []
    }
  }
}
