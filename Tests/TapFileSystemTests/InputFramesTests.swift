import Glibc
import TapFileSystem
import Testing

@Suite struct InputFramesTests {
  static func frame(_ name: [UInt8], _ data: [UInt8]) -> [UInt8] {
    head(name, count: UInt64(data.count)) + data
  }

  static func head(_ name: [UInt8], count: UInt64) -> [UInt8] {
    number(UInt64(name.count), bytes: 4) + name + number(count, bytes: 8)
  }

  static func number(_ value: UInt64, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
  }

  /// The frames of a stream, and its error.
  private func frames(_ stream: [UInt8], atMost limit: Int = 100) throws -> ([InputFrame], InputFrameError?) {
    var ends: [Int32] = [0, 0]
    try #require(unsafe pipe(&ends) == 0)
    // A pipe holds 65,536 bytes without a reader.
    try #require(stream.count <= 65_536)
    _ = unsafe stream.withUnsafeBytes { unsafe write(ends[1], $0.baseAddress, $0.count) }
    close(ends[1])
    defer { close(ends[0]) }
    var reader = InputFrames(descriptor: ends[0], atMost: limit)
    var found: [InputFrame] = []
    do throws(InputFrameError) {
      while let frame = try reader.next() { found.append(frame) }
      return (found, nil)
    } catch { return (found, error) }
  }

  @Test func framesHaveNamesAndData() throws {
    let (found, error) = try frames(
      Self.frame(Array("a.jpg".utf8), [1, 2, 3]) + Self.frame([], [])
        + Self.frame([0xFF, 0], [UInt8](repeating: 9, count: 100)))
    #expect(error == nil && found.map(\.index) == [0, 1, 2])
    #expect(found.map(\.name) == [Array("a.jpg".utf8), [], [0xFF, 0]])
    #expect(found.map(\.data) == [[1, 2, 3], [], [UInt8](repeating: 9, count: 100)])
    let (none, nothing) = try frames([])
    #expect(none.isEmpty && nothing == nil)
  }

  @Test func dataAboveTheLimitAreSkipped() throws {
    let (found, error) = try frames(
      Self.frame([65], [UInt8](repeating: 9, count: 40_000)) + Self.frame([66], [7]), atMost: 100)
    #expect(error == nil && found.map(\.data) == [nil, [7]] && found[0].byteCount == 40_000)
  }

  @Test func everyCutStreamSaysWhereItEnds() throws {
    let whole = Self.frame([65], [1, 2]) + Self.frame([66, 67], [3, 4, 5])
    let boundary = Self.frame([65], [1, 2]).count
    for count in 1..<whole.count {
      let (found, error) = try frames(Array(whole[..<count]))
      #expect(found.count == (count < boundary ? 0 : 1))
      guard count != boundary else {
        #expect(error == nil)
        continue
      }
      guard case .end(let index, _, let expected, let came)? = error else {
        Issue.record("\(count) bytes: \(String(describing: error))")
        continue
      }
      #expect(index == found.count && came < expected)
    }
  }

  /// Lengths that are not true end the stream, without memory for what does not come.
  @Test func lyingLengthsAreErrors() throws {
    let (_, long) = try frames(Self.number(4097, bytes: 4) + [UInt8](repeating: 65, count: 5000))
    #expect(long == .longName(index: 0, count: 4097))
    let (_, most) = try frames(Self.number(4096, bytes: 4) + [65])
    #expect(most == .end(index: 0, part: "its name", expected: 4096, found: 1))
    for count in [UInt64(1) << 40, .max] {
      let (_, kept) = try frames(Self.head([65], count: count) + [1, 2, 3], atMost: .max)
      #expect(kept == .end(index: 0, part: "its data", expected: count, found: 3))
      let (_, skipped) = try frames(Self.head([65], count: count) + [1, 2, 3], atMost: 10)
      #expect(skipped == .end(index: 0, part: "its data", expected: count, found: 3))
    }
  }
}
