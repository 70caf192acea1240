// A SHA-256 value, which is the key of a row and the name of a store.

/// The 32 bytes of a SHA-256 value.
package struct Digest: Hashable, Sendable {
  private let words: SIMD8<UInt32>

  /// Makes a digest of the eight words of the hash state, first word first.
  init(words: SIMD8<UInt32>) { self.words = words }

  /// Reads the 32 bytes at `offset`, in the order of a file.
  ///
  /// - Precondition: `offset + 32 <= bytes.count`.
  package init(_ bytes: Span<UInt8>, at offset: Int = 0) {
    var words = SIMD8<UInt32>()
    for i in 0..<8 { words[i] = bytes.bigEndian(UInt32.self, at: offset + i * 4) }
    self.words = words
  }

  /// Reads 64 hexadecimal digits; the result is nil for other text.
  package init?(hex: String) {
    guard hex.utf8.count == 64 else { return nil }
    var words = SIMD8<UInt32>()
    for (index, byte) in hex.utf8.enumerated() {
      guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
      words[index / 8] = words[index / 8] << 4 | UInt32(digit)
    }
    self.words = words
  }

  /// The 32 bytes, in the order of a file.
  package var bytes: [UInt8] {
    (0..<32).map { UInt8(truncatingIfNeeded: words[$0 / 4] >> UInt32(24 - 8 * ($0 % 4))) }
  }

  /// The first 8 bytes as a big-endian number.
  package var prefix: UInt64 { UInt64(words[0]) << 32 | UInt64(words[1]) }

  /// The digest as 64 lowercase hexadecimal digits.
  package var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

extension Digest: CustomStringConvertible {
  package var description: String { hex }
}
