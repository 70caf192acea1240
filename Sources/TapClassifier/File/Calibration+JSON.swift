// A calibration in a classifier's file: one canonical JSON object.

import TapFormats
import TapLinear

extension Calibration {
  var json: JSONValue {
    switch self {
    case .platt(let sigmoids):
      .object([
        "method": .string("platt"), "slopes": .array(sigmoids.map { .number($0.slope) }),
        "offsets": .array(sigmoids.map { .number($0.offset) }),
      ])
    case .temperature(let temperature):
      .object(["method": .string("temperature"), "temperature": .number(temperature)])
    }
  }

  /// - Parameter classes: the number of classes.
  init(json: JSONValue, classes: Int) throws(JSONError) {
    switch try json.string("method") {
    case "platt":
      func numbers(_ field: String) throws(JSONError) -> [Double] {
        let values = try json.array(field).compactMap(\.doubleValue)
        guard values.count == classes, values.allSatisfy(\.isFinite) else {
          throw .wrongType(field: field, expected: "\(classes) numbers", found: "\(values.count)")
        }
        return values
      }
      let (slopes, offsets) = (try numbers("slopes"), try numbers("offsets"))
      self = .platt(zip(slopes, offsets).map { Sigmoid(slope: $0, offset: $1) })
    case "temperature":
      let temperature = try json.double("temperature")
      guard temperature.isFinite, temperature > 0 else {
        throw .wrongType(field: "temperature", expected: "a number above 0", found: "\(temperature)")
      }
      self = .temperature(temperature)
    case let other: throw .wrongType(field: "method", expected: "platt or temperature", found: other)
    }
  }
}
