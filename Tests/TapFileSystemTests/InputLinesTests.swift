// The lines of a stream are the same in any encoding, and in whatever pieces they arrive.

import Glibc
import TapFileSystem
import TestSupport
import Testing

@Suite struct InputLinesTests {
  /// The lines of a stream that arrives in these pieces.
  private func lines(_ pieces: [[UInt8]], delimiter: UInt8 = 0x0A) throws -> [[UInt8]] {
    var ends: [Int32] = [0, 0]
    unsafe ends.withUnsafeMutableBufferPointer { unsafe _ = pipe($0.baseAddress!) }
    defer { close(ends[0]) }
    var input = InputLines(descriptor: ends[0], delimiter: delimiter)
    var lines: [[UInt8]] = []
    var waiting = pieces[...]
    // A line that a piece completes is returned at once, without reading more.
    while let piece = waiting.popFirst() {
      unsafe _ = write(ends[1], piece, piece.count)
      if waiting.isEmpty { close(ends[1]) }
      while waiting.isEmpty || piece.last == delimiter {
        guard let line = try input.next() else { break }
        lines.append(line)
        if !waiting.isEmpty { break }
      }
    }
    return lines
  }

  private func texts(_ bytes: [UInt8], delimiter: UInt8 = 0x0A) throws -> [String] {
    try lines([bytes], delimiter: delimiter).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func everyLineHasItsPlace() throws {
    #expect(try texts(Array("a\n\nb\r\n\r\nc".utf8)) == ["a", "", "b", "", "c"])
    #expect(try texts(Array("a\n".utf8)) == ["a"])
    #expect(try texts([]) == [])
    #expect(try texts(Array("\n".utf8)) == [""])
    #expect(try texts(Array("a\0\0b".utf8), delimiter: 0) == ["a", "", "b"])
    #expect(try lines([Array("a\n".utf8), Array("\n".utf8), Array("b".utf8)]).count == 3)
  }

  @Test func aByteOrderMarkBelongsToNoLine() throws {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    #expect(try texts(mark + Array("a\nb".utf8)) == ["a", "b"])
    #expect(try texts(mark + Array("\nb".utf8)) == ["", "b"])
    #expect(try texts(mark) == [])
    // A byte order mark counts only at the start, and only if it is whole.
    #expect(try lines([[0xEF, 0xBB]]) == [[0xEF, 0xBB]])
    #expect(try lines([Array("a\n".utf8) + mark]) == [Array("a".utf8), mark])
  }

  @Test(arguments: [true, false]) func utf16IsReadByItsMark(bigEndian: Bool) throws {
    func encoded(_ text: String) -> [UInt8] {
      ("\u{FEFF}" + text).utf16.flatMap { unit in
        bigEndian ? [UInt8(unit >> 8), UInt8(unit & 255)] : [UInt8(unit & 255), UInt8(unit >> 8)]
      }
    }
    // The byte of a line feed is part of other characters too: U+0A0A, U+010A.
    let text = "a.png\r\nfür/日本/\u{1F600}.png\n\n\u{0A0A}\u{010A}"
    let expected = ["a.png", "für/日本/\u{1F600}.png", "", "\u{0A0A}\u{010A}"]
    #expect(try texts(encoded(text)) == expected)
    // The bytes arrive one by one, so that UTF-16 units and surrogate pairs are split.
    let bytes = encoded(text)
    var ends: [Int32] = [0, 0]
    unsafe ends.withUnsafeMutableBufferPointer { unsafe _ = pipe($0.baseAddress!) }
    let (reading, writing) = (ends[0], ends[1])
    defer { close(reading) }
    var input = InputLines(descriptor: reading)
    let writer = BackgroundThread {
      for byte in bytes {
        unsafe _ = write(writing, [byte], 1)
        usleep(300)
      }
      close(writing)
    }
    var found: [String] = []
    while let line = try input.next() { found.append(String(decoding: line, as: UTF8.self)) }
    writer.join()
    #expect(found == expected)
    // An unpaired surrogate, and half a unit at the end, are no text.
    let half: [UInt8] = bigEndian ? [0xFE, 0xFF, 0xD8, 0x00, 0x00] : [0xFF, 0xFE, 0x00, 0xD8, 0x00]
    let broken = try lines([half])
    #expect(broken.count == 1 && String(validating: broken[0], as: UTF8.self) == nil)
  }
}
