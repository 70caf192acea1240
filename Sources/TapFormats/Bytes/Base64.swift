// Encodes bytes as text, and decodes them: Base64 of RFC 4648, section 4, with padding.

package enum Base64 {
  /// The Base64 text: four characters for every three bytes. If the last group has fewer than three bytes, its text is
  /// filled with `=` to four characters.
  package static func text(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = (0..<3).reduce(UInt32(0)) { group, offset in
        group << 8 | (start + offset < bytes.count ? UInt32(bytes[start + offset]) : 0)
      }
      let count = min(3, bytes.count - start)
      for position in 0..<4 {
        let digit = Int(group >> UInt32(18 - 6 * position) & 63)
        text.append(position <= count ? alphabet[digit] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of a Base64 text; nil if the text is not in the alphabet or its padding is incomplete. Bits of the last
  /// character that belong to no byte are ignored.
  package static func bytes(_ text: String) -> [UInt8]? {
    let characters = Array(text.utf8)
    guard characters.count % 4 == 0 else { return nil }
    let padding = characters.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters.count / 4 * 3)
    var (group, bits) = (UInt32(0), 0)
    for character in characters.dropLast(padding) {
      guard let digit = digits[Int(character)] else { return nil }
      (group, bits) = (group << 6 | UInt32(digit), bits + 6)
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
      }
    }
    return bytes
  }

  /// The value of each character; nil for a byte that is not in the alphabet.
  private static let digits: [UInt8?] = {
    var digits = [UInt8?](repeating: nil, count: 256)
    for (digit, character) in alphabet.enumerated() { digits[Int(character)] = UInt8(digit) }
    return digits
  }()

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
