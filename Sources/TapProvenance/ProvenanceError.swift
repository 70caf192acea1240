// The reasons why a description in a file could not be read.

import TapFormats

/// JSON that describes no valid preprocessing, column or identity.
package enum ProvenanceError: Error, Equatable, CustomStringConvertible {
  /// A field is missing or has another type.
  case field(JSONError)
  /// A field has a value outside its range, or a name that is not in its list of names.
  case value(field: String, found: String, expected: String)

  package var description: String {
    switch self {
    case .field(let error): "\(error)"
    case .value(let field, let found, let expected): "\(field) is \(found); expected \(expected)"
    }
  }
}

/// Reads the fields of a JSON object and throws errors of this module.
struct Fields {
  let json: JSONValue

  func has(_ key: String) -> Bool { json[key] != nil }

  func string(_ key: String) throws(ProvenanceError) -> String {
    do { return try json.string(key) } catch { throw .field(error) }
  }

  func int(_ key: String) throws(ProvenanceError) -> Int {
    do { return try json.int(key) } catch { throw .field(error) }
  }

  /// A finite number.
  func double(_ key: String) throws(ProvenanceError) -> Double {
    do { return try json.double(key) } catch { throw .field(error) }
  }

  func object(_ key: String) throws(ProvenanceError) -> JSONValue {
    do { return .object(try json.object(key)) } catch { throw .field(error) }
  }

  func name<Name: RawRepresentable<String> & CaseIterable>(
    _ key: String, as type: Name.Type
  ) throws(ProvenanceError) -> Name {
    let text = try string(key)
    guard let value = Name(rawValue: text) else {
      throw .value(
        field: key, found: text, expected: "one of " + Name.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return value
  }

  /// Three numbers in the order r, g, b.
  func channels(_ key: String) throws(ProvenanceError) -> [Double] {
    let elements: [JSONValue]
    do { elements = try json.array(key) } catch { throw .field(error) }
    let values = elements.compactMap(\.doubleValue)
    guard values.count == 3, elements.count == 3 else {
      throw .value(field: key, found: json[key]?.canonical ?? "nothing", expected: "three numbers")
    }
    return values
  }
}
