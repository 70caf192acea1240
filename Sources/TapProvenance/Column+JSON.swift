// Columns in files: the tap, the pooling, and the pooling's parameters if it has parameters.

import TapFormats

extension Column {
  package var json: JSONValue {
    var object: [String: JSONValue] = ["tap": .string(tap), "pooling": .string(pooling.name)]
    if case .gem(let p, let epsilon) = pooling {
      object["parameters"] = .object(["p": .number(p), "epsilon": .number(epsilon)])
    }
    return .object(object)
  }

  package init(json: JSONValue) throws(ProvenanceError) {
    let fields = Fields(json: json)
    let name = try fields.string("pooling")
    guard var pooling = Pooling(name: name) else {
      throw .value(
        field: "pooling", found: name,
        expected: "one of " + (Pooling.selectable + [.none]).map(\.name).joined(separator: ", "))
    }
    if case .gem = pooling {
      let parameters = Fields(json: try fields.object("parameters"))
      pooling = .gem(p: try parameters.double("p"), epsilon: try parameters.double("epsilon"))
    }
    self.init(tap: try fields.string("tap"), pooling: pooling)
  }
}
