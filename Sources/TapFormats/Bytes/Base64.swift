// Encodes bytes as text: Base64 of RFC 4648, section 4, with padding.

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

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
