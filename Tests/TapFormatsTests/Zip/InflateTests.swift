import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// zlib wrote the streams, in Tests/Reference/formats/make_zip.py. The tests generate the same contents again.
struct InflateTests {
  private static let contents: [String: [UInt8]] = {
    let text = (0..<2000).map { "line \($0) of 2000, \($0 * $0 % 97)\n" }.joined()
    var state = 1
    let noise = (0..<3000).map { _ in
      state = (state * 1_103_515_245 + 12345) % (1 << 31)
      return UInt8(state >> 16 & 255)
    }
    var skewed: [UInt8] = []
    var (a, b) = (1, 1)
    for symbol in 0..<20 {
      skewed += [UInt8](repeating: UInt8(symbol * 7), count: a)
      (a, b) = (b, a + b)
    }
    return [
      "text": Array(text.utf8), "noise": noise, "zeros": [UInt8](repeating: 0, count: 70000), "empty": [],
      "skewed": skewed,
    ]
  }()

  private func stream(_ name: String) throws -> [UInt8] {
    try FileSystem.read(Repository.path("Tests/Reference/formats/deflate/\(name)"))
  }

  @Test func everyKindOfBlockUnpacks() throws {
    let names = try FileSystem.list(Repository.path("Tests/Reference/formats/deflate"))
    #expect(names.count == 27)
    for name in names {
      let expected = try #require(InflateTests.contents[String(name.prefix { $0 != "." })])
      let packed = try stream(name)
      let actual = try Inflate.inflate(packed.span, count: expected.count)
      #expect(actual == expected, "\(name)")
    }
  }

  @Test(arguments: ["noise.stored", "text.fixed", "text.best", "skewed.huffman"])
  func cutStreamsAreRefusedAtEveryLength(name: String) throws {
    let whole = try stream(name)
    let count = try #require(InflateTests.contents[String(name.prefix { $0 != "." })]).count
    for length in stride(from: 0, to: whole.count, by: max(1, whole.count / 200)) {
      let cut = Array(whole[..<length])
      #expect(throws: InflateError.self) { try Inflate.inflate(cut.span, count: count) }
    }
  }

  @Test(arguments: ["noise.stored", "text.fixed", "text.best", "zeros.best"])
  func theDeclaredSizeIsKept(name: String) throws {
    let whole = try stream(name)
    let count = try #require(InflateTests.contents[String(name.prefix { $0 != "." })]).count
    for wrong in [0, 1, count - 1, count + 1] {
      #expect(throws: InflateError.wrongSize(expected: wrong)) {
        try Inflate.inflate(whole.span, count: wrong)
      }
    }
  }

  /// Any flipped bit gives an error or other bytes, never a trap.
  @Test(arguments: ["text.best", "skewed.huffman", "noise.fixed"])
  func damagedStreamsNeverTrap(name: String) throws {
    let whole = try stream(name)
    let count = try #require(InflateTests.contents[String(name.prefix { $0 != "." })]).count
    for position in stride(from: 0, to: min(whole.count, 600), by: 1) {
      var damaged = whole
      damaged[position] ^= 1 << UInt8(position % 8)
      _ = try? Inflate.inflate(damaged.span, count: count)
    }
  }

  @Test(
    arguments: [
      ([0x07], InflateError.badBlockType),
      ([0x01, 0x01, 0x00, 0x00, 0x00], .badStoredLength),
      // The stream begins with a copy in the fixed code, so there is nothing to copy from.
      ([0x03, 0x02], .badDistance),
      ([], .truncated),
    ] as [([UInt8], InflateError)])
  func defectsHaveNames(bytes: [UInt8], error: InflateError) {
    #expect(throws: error) { try Inflate.inflate(bytes.span, count: 10) }
  }
}
