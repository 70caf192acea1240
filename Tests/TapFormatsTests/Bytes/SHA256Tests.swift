import TapFormats
import Testing

/// Compares with NIST's examples for FIPS 180-4 and, for unusual lengths, with Python's hashlib.
struct SHA256Tests {
  /// Whether to use the processor's instructions for SHA-256: always no, and also yes if it has them.
  static let ways = SHA256.hasInstructions ? [false, true] : [false]

  static func hex(_ bytes: [UInt8], usesInstructions: Bool) -> String {
    var hasher = SHA256(usesInstructions: usesInstructions)
    hasher.update(bytes)
    return hasher.finalize().hex
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func publishedVectors(text: String, hex: String) {
    for way in Self.ways { #expect(Self.hex(Array(text.utf8), usesInstructions: way) == hex) }
    #expect(SHA256.hash(Array(text.utf8)).hex == hex)
  }

  @Test(arguments: ways) func aMillionLettersInUnevenPieces(usesInstructions: Bool) {
    var hasher = SHA256(usesInstructions: usesInstructions)
    var left = 1_000_000
    var piece = 1
    while left > 0 {
      let count = min(piece, left)
      hasher.update([UInt8](repeating: 0x61, count: count))
      left -= count
      piece = piece * 3 % 1_009
    }
    #expect(hasher.finalize().hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  /// The results of hashlib.sha256(bytes(i % 251 for i in range(n))) for lengths n around the limits of the padding.
  @Test(arguments: [
    (55, "463eb28e72f82e0a96c0a4cc53690c571281131f672aa229e0d45ae59b598b59"),
    (56, "da2ae4d6b36748f2a318f23e7ab1dfdf45acdc9d049bd80e59de82a60895f562"),
    (63, "29af2686fd53374a36b0846694cc342177e428d1647515f078784d69cdb9e488"),
    (64, "fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108"),
    (65, "4bfd2c8b6f1eec7a2afeb48b934ee4b2694182027e6d0fc075074f2fabb31781"),
  ])
  func lengthsAtBlockEdges(count: Int, hex: String) {
    let bytes = (0..<count).map { UInt8($0 % 251) }
    for way in Self.ways { #expect(Self.hex(bytes, usesInstructions: way) == hex) }
  }

  @Test func digestsTravelAsBytesAndHex() {
    let digest = SHA256.hash(Array("abc".utf8))
    #expect(Digest(digest.bytes.span) == digest)
    #expect(Digest(hex: digest.hex) == digest)
    #expect(Digest(hex: String(digest.hex.dropLast())) == nil)
    #expect(Digest(hex: String(digest.hex.dropLast()) + "g") == nil)
    #expect(digest != SHA256.hash([]))
  }
}
