// The values of a setting as a JSON Schema, so that editors check pipeline files.

import TapFormats

extension SettingValues {
  /// The schema of the JSON values that a file can state.
  ///
  /// Source: JSON Schema, draft 2020-12.
  package var schema: [String: JSONValue] {
    switch self {
    case .flag: return ["type": .string("boolean")]
    case .integer(let range):
      var fields: [String: JSONValue] = [
        "type": .string("integer"), "minimum": .integer(range.lowerBound),
      ]
      if range.upperBound < .max { fields["maximum"] = .integer(range.upperBound) }
      return fields
    case .number(let range): return range.schema
    case .seed:
      return SettingValues.anyOf([
        ["type": .string("integer"), "minimum": .integer(0), "maximum": .unsigned(.max)],
        ["type": .string("string"), "pattern": .string("^[0-9]+$")],
      ])
    case .words(let words): return ["enum": .array(words.map(JSONValue.string))]
    case .text: return ["type": .string("string"), "minLength": .integer(1)]
    case .list(let element, let isSet):
      var list: [String: JSONValue] = [
        "type": .string("array"), "items": .object(element.schema), "minItems": .integer(1),
      ]
      if isSet { list["uniqueItems"] = .bool(true) }
      return SettingValues.anyOf([element.schema, list])
    case .channels(let range):
      return [
        "type": .string("array"), "items": .object(range.schema), "minItems": .integer(3),
        "maxItems": .integer(3),
      ]
    case .either(let kinds): return SettingValues.anyOf(kinds.map(\.schema))
    case .columns: return ["type": .string("array"), "minItems": .integer(1)]
    case .optional(let values, let word):
      let none = word.map { [JSONValue.null, .string($0)] } ?? [.null]
      return SettingValues.anyOf([values.schema, ["enum": .array(none)]])
    }
  }

  private static func anyOf(_ schemas: [[String: JSONValue]]) -> [String: JSONValue] {
    ["anyOf": .array(schemas.map(JSONValue.object))]
  }
}

extension NumberRange {
  fileprivate var schema: [String: JSONValue] {
    var fields: [String: JSONValue] = ["type": .string("number")]
    if lower.isFinite { fields[includesLower ? "minimum" : "exclusiveMinimum"] = .number(lower) }
    if upper.isFinite { fields[includesUpper ? "maximum" : "exclusiveMaximum"] = .number(upper) }
    return fields
  }
}

extension Setting {
  /// The schema of the setting's field in a file, with the help as its description.
  package var schema: [String: JSONValue] {
    var fields = values.schema
    fields["description"] = .string(help.spellingSettings { "\"\($0)\"" })
    return fields
  }
}
