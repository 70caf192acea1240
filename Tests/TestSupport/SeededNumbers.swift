// Numbers drawn from a seed, which are the same on every machine. Expectations and the files in Tests/Reference depend
// on them, so each sequence must stay the same. These generators are separate from the program's own generator, which
// some tests check with them.

/// Knuth's linear congruential generator. Only the upper bits of its state are used.
public struct Congruential: Sendable {
  /// The state after the last number.
  public private(set) var state: UInt64

  public init(state: UInt64) { self.state = state }

  /// The sequences of neighboring seeds begin far apart.
  public init(seed: UInt64) { state = seed &* SplitMix64.increment | 1 }

  public mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state
  }

  /// A number in `0..<bound`.
  public mutating func next(below bound: Int) -> Int { Int(next() >> 33) % bound }

  /// A number in 0..<1, of 53 bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number in 0..<1, of 24 bits.
  public mutating func uniformFloat() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A number in -1..<1, of 32 bits that are rounded.
  public mutating func signedFloat() -> Float {
    Float(Int32(truncatingIfNeeded: next() >> 32)) * 0x1p-31
  }
}

/// Steele, Lea and Flood's generator (2014).
public struct SplitMix64: Sendable {
  public static let increment: UInt64 = 0x9e37_79b9_7f4a_7c15

  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    defer { state &+= Self.increment }
    return Self.number(1, of: state)
  }

  /// A number of a seed's sequence. The first one has index 1.
  public static func number(_ index: UInt64, of seed: UInt64 = 0) -> UInt64 {
    var bits = seed &+ index &* increment
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}

/// Marsaglia's xorshift generator (2003).
public struct XorShift: Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed &* SplitMix64.increment | 1 }

  /// A number in 0..<1.
  public mutating func uniform() -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Double(state >> 11) * 0x1p-53
  }

  /// A number of mean 0 and variance 1: the sum of twelve uniform numbers, minus 6.
  public mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
}
