// Random numbers that are the same on every machine and in every version of Swift:
// splits and bootstrap intervals are part of a result.

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
package struct SeededGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number in `0..<bound`, each equally likely.
  package mutating func next(below bound: Int) -> Int {
    precondition(bound > 0)
    let range = UInt64(bound)
    // Refuse the few values that would favour the low numbers.
    let threshold = (0 &- range) % range
    while true {
      let value = next()
      if value >= threshold { return Int(value % range) }
    }
  }

  /// Fisher and Yates's shuffle. (The standard library's may change with its version.)
  package mutating func shuffle<Element>(_ elements: inout [Element]) {
    for i in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(i, next(below: i + 1))
    }
  }
}
