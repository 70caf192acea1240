// Random numbers that are the same on every machine and in every version of Swift. These numbers determine parameters,
// splits, bootstrap intervals and orders of rows, which are part of a result.

/// The SplitMix64 generator (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
package struct SeededGenerator: Sendable {
  @usableFromInline var state: UInt64

  @inlinable package init(seed: UInt64) { state = seed }

  /// The number at an index of a seed's sequence. The numbers before this index are not computed. The first call of
  /// `next` returns the number at index 1.
  @inlinable package static func number(_ index: UInt64, of seed: UInt64) -> UInt64 {
    var bits = seed &+ index &* 0x9e37_79b9_7f4a_7c15
    bits = (bits ^ (bits &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits &>> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits &>> 31)
  }

  @inlinable package mutating func next() -> UInt64 {
    let number = Self.number(1, of: state)
    state &+= 0x9e37_79b9_7f4a_7c15
    return number
  }

  /// A random number in `0..<bound`. All numbers are equally likely.
  @inlinable package mutating func next(below bound: Int) -> Int {
    precondition(bound > 0)
    let range = UInt64(bound)
    // Rejects the few values that would make low numbers more likely.
    let threshold = (0 &- range) % range
    while true {
      let value = next()
      if value >= threshold { return Int(value % range) }
    }
  }

  /// A random number in `0..<bound`, computed without a division. Probabilities differ by at most `bound` / 2⁶⁴. This
  /// function is used for orders of rows.
  @inlinable package mutating func nextScaled(below bound: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Shuffles the elements by the algorithm of Fisher and Yates. The standard library's shuffle may change with its
  /// version.
  package mutating func shuffle<Element>(_ elements: inout [Element]) {
    for i in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(i, next(below: i + 1))
    }
  }
}
