// Draws random parameters that are the same on every machine. The generator is counter-based; it has no state and does
// not use libm.

import TapTensors

/// Draws the parameters of a network from a seed.
///
/// Element i of the parameter `name` is the output of SplitMix64 at `seed + FNV-1a(name) + i * 0x9E3779B97F4A7C15`. The
/// upper 24 bits of this output are a uniform number in [0, 1). Steele, Lea, Flood, "Fast Splittable Pseudorandom
/// Number Generators" (2014).
struct SeededParameters {
  enum Initialization {
    case constant(Float)
    /// A uniform distribution with variance `gain / fanIn`. The gain is 2 if a rectifier follows (He et al., 2015),
    /// otherwise 1.
    case uniform(gain: Float, fanIn: Int)
  }

  let seed: UInt64

  func tensor(_ name: String, _ shape: Shape, _ initialization: Initialization) -> Tensor {
    let count = shape.elementCount
    switch initialization {
    case .constant(let value):
      return Tensor(shape: shape, elements: [Float](repeating: value, count: count))
    case .uniform(let gain, let fanIn):
      let bound = (3 * gain / Float(fanIn)).squareRoot()
      let key = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
      let elements = (0..<UInt64(count)).map { index in
        let bits = SeededGenerator.number(index, of: seed &+ key)
        return bound * (2 * Float(bits >> 40) / 16_777_216 - 1)
      }
      return Tensor(shape: shape, elements: elements)
    }
  }
}
