// A penalty in a classifier's file and in the keys of what was chosen: one canonical JSON object.

import TapFormats
import TapLinear

extension Penalty {
  package var json: JSONValue {
    var fields: [String: JSONValue] = ["name": .string(name)]
    if case .elasticNet(let ratio) = self { fields["l1Ratio"] = .number(ratio) }
    return .object(fields)
  }

  init(json: JSONValue) throws(JSONError) {
    switch try json.string("name") {
    case "l2": self = .l2
    case "l1": self = .l1
    case "none": self = .none
    case "elastic-net":
      let ratio = try json.double("l1Ratio")
      guard (0...1).contains(ratio) else {
        throw .wrongType(field: "l1Ratio", expected: "a number from 0 to 1", found: "\(ratio)")
      }
      self = .elasticNet(l1Ratio: ratio)
    case let other:
      throw .wrongType(field: "name", expected: "l2, l1, elastic-net or none", found: other)
    }
  }
}
