import FoundationEssentials
import TapFormats
import Testing

struct Base64Tests {
  /// The vectors of RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func testVectors(plain: String, encoded: String) { #expect(Base64.text(Array(plain.utf8)) == encoded) }

  @Test func anyBytes() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 89) }
    #expect(Base64.text(bytes) == Data(bytes).base64EncodedString())
  }
}
