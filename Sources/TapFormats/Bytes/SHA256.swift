// SHA-256 (FIPS 180-4, section 6.2), the key of every image, weight file and identity. The code is plain Swift, or uses
// the processor's SHA instructions if the processor has them.

import CTapKernels

/// The SHA-256 of bytes that arrive in pieces.
package struct SHA256: Sendable {
  private var state: SIMD8<UInt32> = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  /// The bytes of an unfinished block: fewer than 64 bytes.
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0
  private let usesInstructions: Bool

  /// Whether the processor has instructions for SHA-256, which are several times as fast as plain Swift.
  package static let hasInstructions = lt_has_sha() != 0

  package init() { self.init(usesInstructions: Self.hasInstructions) }

  /// - Precondition: if `usesInstructions` is true, the processor has the instructions.
  package init(usesInstructions: Bool) {
    precondition(!usesInstructions || Self.hasInstructions, "this processor has no instructions for SHA-256")
    self.usesInstructions = usesInstructions
  }

  package static func hash(_ bytes: [UInt8]) -> Digest { hash(bytes.span) }

  package static func hash(_ bytes: Span<UInt8>) -> Digest {
    var hasher = SHA256()
    hasher.update(bytes)
    return hasher.finalize()
  }

  package mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

  package mutating func update(_ bytes: Span<UInt8>) {
    byteCount += UInt64(bytes.count)
    var offset = 0
    if !pending.isEmpty {
      while offset < bytes.count && pending.count < 64 {
        pending.append(bytes[offset])
        offset += 1
      }
      guard pending.count == 64 else { return }
      let block = pending
      compress(block.span, at: 0, blocks: 1)
      pending = []
    }
    let blocks = (bytes.count - offset) / 64
    compress(bytes, at: offset, blocks: blocks)
    offset += blocks * 64
    while offset < bytes.count {
      pending.append(bytes[offset])
      offset += 1
    }
  }

  package consuming func finalize() -> Digest {
    let bits = byteCount &* 8
    var tail = pending
    tail.append(0x80)
    while tail.count % 64 != 56 { tail.append(0) }
    for shift in stride(from: 56, through: 0, by: -8) {
      tail.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    compress(tail.span, at: 0, blocks: tail.count / 64)
    return Digest(words: state)
  }

  /// Runs section 6.2.2 of FIPS 180-4 for each block.
  private mutating func compress(_ bytes: Span<UInt8>, at start: Int, blocks: Int) {
    #if arch(x86_64)
      if usesInstructions {
        var words = (0..<8).map { state[$0] }
        let constants = SHA256.roundConstants
        unsafe words.withUnsafeMutableBufferPointer { words in
          unsafe constants.span.withUnsafeBufferPointer { constants in
            unsafe bytes.extracting(start..<(start + blocks * 64)).withUnsafeBufferPointer { data in
              guard let words = words.baseAddress, let constants = constants.baseAddress,
                let data = data.baseAddress
              else { return }
              unsafe lt_sha256_compress__sha(words, constants, data, blocks)
            }
          }
        }
        state = SIMD8(words)
        return
      }
    #endif
    compressPortably(bytes, at: start, blocks: blocks)
  }

  /// The code writes out eight rounds at a time. From round to round, the names of the eight words rotate instead of
  /// their values, so that the words stay in registers.
  private mutating func compressPortably(_ bytes: Span<UInt8>, at start: Int, blocks: Int) {
    let constants = SHA256.roundConstants
    var schedule = InlineArray<64, UInt32>(repeating: 0)
    for block in 0..<blocks {
      for t in 0..<16 {
        schedule[t] = bytes.bigEndian(UInt32.self, at: start + block * 64 + t * 4)
      }
      for t in 16..<64 {
        let x = schedule[t - 15]
        let y = schedule[t - 2]
        let s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x &>> 3)
        let s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y &>> 10)
        schedule[t] = schedule[t - 16] &+ s0 &+ schedule[t - 7] &+ s1
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      var (e, f, g, h) = (state[4], state[5], state[6], state[7])
      for t in stride(from: 0, to: 64, by: 8) {
        round(a, b, c, &d, e, f, g, &h, constants[t] &+ schedule[t])
        round(h, a, b, &c, d, e, f, &g, constants[t + 1] &+ schedule[t + 1])
        round(g, h, a, &b, c, d, e, &f, constants[t + 2] &+ schedule[t + 2])
        round(f, g, h, &a, b, c, d, &e, constants[t + 3] &+ schedule[t + 3])
        round(e, f, g, &h, a, b, c, &d, constants[t + 4] &+ schedule[t + 4])
        round(d, e, f, &g, h, a, b, &c, constants[t + 5] &+ schedule[t + 5])
        round(c, d, e, &f, g, h, a, &b, constants[t + 6] &+ schedule[t + 6])
        round(b, c, d, &e, f, g, h, &a, constants[t + 7] &+ schedule[t + 7])
      }
      state &+= SIMD8(a, b, c, d, e, f, g, h)
    }
  }

  /// Runs one round. `word` is the sum of the round's constant and the round's word of the message schedule.
  @inline(__always)
  private func round(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32,
    _ e: UInt32, _ f: UInt32, _ g: UInt32, _ h: inout UInt32, _ word: UInt32
  ) {
    let sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    let choice = g ^ (e & (f ^ g))
    let first = h &+ word &+ choice &+ sum1
    let sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    let majority = (a & b) ^ (c & (a ^ b))
    d = d &+ first
    h = first &+ sum0 &+ majority
  }

  @inline(__always)
  private func rotate(_ x: UInt32, _ count: UInt32) -> UInt32 { (x &>> count) | (x &<< (32 &- count)) }

  private static let roundConstants: InlineArray<64, UInt32> = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]
}
