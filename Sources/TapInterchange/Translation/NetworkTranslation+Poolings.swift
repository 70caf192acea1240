// The poolings of taps.

import TapBackbone
import TapONNXOperators
import TapProvenance
import TapTensors

extension NetworkTranslation {
  /// Adds the vector of a column, `[images, values]`.
  mutating func addVector(of column: Column, as output: String) {
    let value = name(column.tap)
    let flat: [String: ONNXAttribute] = ["axis": .integer(1)]
    switch column.pooling {
    case .none, .flatten:
      // A vector has its axis already, and Flatten leaves it unchanged.
      builder.add("Flatten", [value], as: output, flat)
    case .avg:
      builder.add("Flatten", [builder.add("GlobalAveragePool", [value], near: output)], as: output, flat)
    case .max:
      builder.add("Flatten", [builder.add("GlobalMaxPool", [value], near: output)], as: output, flat)
    case .avgmax:
      let means = builder.add("GlobalAveragePool", [value], near: output)
      let maxima = builder.add("GlobalMaxPool", [value], near: output)
      let both = builder.add("Concat", [means, maxima], near: output, flat)
      builder.add("Flatten", [both], as: output, flat)
    case .gem(let p, let epsilon):
      precondition(p == 3, "p = \(p)")
      let least = builder.constant([], [Float(epsilon)], near: output + ".least")
      let third = builder.constant([], [1 / 3], near: output + ".third")
      let positive = builder.add("Clip", [value, least], near: output)
      let square = builder.add("Mul", [positive, positive], near: output)
      let cube = builder.add("Mul", [square, positive], near: output)
      let mean = builder.add("GlobalAveragePool", [cube], near: output)
      let root = builder.add("Pow", [mean, third], near: output)
      builder.add("Flatten", [root], as: output, flat)
    }
  }
}
