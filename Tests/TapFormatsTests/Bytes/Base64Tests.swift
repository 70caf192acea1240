import FoundationEssentials
import TapFormats
import Testing

struct Base64Tests {
  /// The vectors of RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func testVectors(plain: String, encoded: String) {
    #expect(Base64.text(Array(plain.utf8)) == encoded)
    #expect(Base64.bytes(encoded) == Array(plain.utf8))
  }

  @Test func anyBytes() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 89) }
    #expect(Base64.text(bytes) == Data(bytes).base64EncodedString())
    #expect(Base64.bytes(Data(bytes).base64EncodedString()) == bytes)
  }

  @Test(arguments: ["Zg", "Zg=", "Z", "Zm9v=", "Zm9vYg=", "Z===", "====", "Zg==Zg==", "Zm 9", "Zm9-", "Zm9\u{e9}"])
  func otherTextIsRefused(text: String) { #expect(Base64.bytes(text) == nil) }
}
