// The parameters that Tests/Reference/architectures/generate.py gives every network. They come from a counter-based
// generator whose key is the parameter's name.

import TapTensors

package enum ReferenceParameters {
  /// The first `count` numbers of a name's sequence, in [0, 1), from SplitMix64 with the name's FNV-1a hash as its
  /// seed.
  package static func uniform(_ name: String, count: Int) -> [Float] {
    let key = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return (0..<UInt64(count)).map { Float(SplitMix64.number($0, of: key) >> 40) / 16_777_216 }
  }

  /// A state dictionary of tensors with these names and shapes.
  package static func weights(_ parameters: [(name: String, shape: Shape)]) -> StateDictionary {
    let isNormalized = parameters.contains {
      $0.name.hasSuffix("running_var") || isLayerScale($0.name)
    }
    var tensors: [String: Tensor] = [:]
    for (name, shape) in parameters {
      tensors[name] = Tensor(shape: shape, elements: values(name, shape, gain: isNormalized ? 1 : 2))
    }
    return StateDictionary(tensors)
  }

  /// The input image of every network, `[size, size, 3]`.
  package static func image(size: Int) -> [Float] {
    let planes = uniform("input", count: 3 * size * size)
    return (0..<size * size).flatMap { pixel in (0..<3).map { 2 * planes[$0 * size * size + pixel] - 1 } }
  }

  private static func isLayerScale(_ name: String) -> Bool {
    name.hasSuffix("layer_scale") || name.hasSuffix(".gamma")
  }

  /// The values of a parameter. Its name and its rank determine their distribution.
  package static func values(_ name: String, _ shape: Shape, gain: Float) -> [Float] {
    let u = uniform(name, count: shape.elementCount)
    if isLayerScale(name) { return u.map { 0.1 + 0.9 * $0 } }
    if name.hasSuffix("running_var") || (shape.rank == 1 && name.hasSuffix("weight")) {
      return u.map { 0.5 + $0 }
    }
    if shape.rank == 1 { return u.map { $0 - 0.5 } }
    let fanIn = shape.extents.dropFirst().reduce(1, *)
    let bound = (3 * gain / Float(fanIn)).squareRoot()
    return u.map { bound * (2 * $0 - 1) }
  }
}
