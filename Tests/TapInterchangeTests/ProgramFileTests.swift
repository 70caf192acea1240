import TapFileSystem
import TapFormats
import TapInterchange
import TestSupport
import Testing

/// Programs in ELF with a model after them. The programs are made of headers alone.
@Suite struct ProgramFileTests {
  /// A program with one segment and one section.
  private static func program(segmentType: UInt32 = 1, bytes: Int = 300) -> [UInt8] {
    let segments = 64
    let sections = segments + 56 + bytes
    var head: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 25)
    head.append(littleEndian: UInt64(segments))
    head.append(littleEndian: UInt64(sections))
    head += [UInt8](repeating: 0, count: 4)
    for number in [64, 56, 1, 64, 1, 0] as [UInt16] { head.append(littleEndian: number) }
    var segment: [UInt8] = []
    segment.append(littleEndian: segmentType)
    segment.append(littleEndian: UInt32(5))
    for number in [0, 0, 0, sections, sections, 4096] { segment.append(littleEndian: UInt64(number)) }
    var section: [UInt8] = []
    for number in [1, 1] as [UInt32] { section.append(littleEndian: number) }
    for number in [0, 0, segments + 56, bytes, 0, 0, 0] { section.append(littleEndian: UInt64(number)) }
    return head + segment + [UInt8](repeating: 0x90, count: bytes) + section
  }

  private static func trailer(_ offset: UInt64, _ count: UInt64) -> [UInt8] {
    var bytes = Array("LAYERTAPMODEL\0\0".utf8) + [1]
    bytes.append(littleEndian: offset)
    bytes.append(littleEndian: count)
    return bytes
  }

  private static let model = Array("a model".utf8)
  private static let whole =
    program() + [UInt8](repeating: 0, count: 4096 - program().count) + model + trailer(4096, 7)

  /// The model of a file with these bytes.
  private func model(of bytes: [UInt8]) throws -> [UInt8]? {
    try withTemporaryFolder { folder in
      try AtomicWriter.replace(folder + "/program", with: bytes)
      return try ProgramFile(path: folder + "/program").model()
    }
  }

  @Test func theModelIsFound() throws {
    #expect(Self.program().count == 484)
    #expect(try model(of: Self.whole) == Self.model)
    #expect(try model(of: Self.program()) == nil)
    #expect(try model(of: Self.program(segmentType: 3)) == nil)
  }

  /// A file that is cut anywhere behind the program, or whose trailer lies, is damaged.
  @Test func everyCutIsDamage() throws {
    let end = Self.program().count
    for count in Array(end + 1..<end + 40) + Array(4090..<Self.whole.count) {
      #expect(throws: ProgramFileError.self, "\(count)") { try model(of: Array(Self.whole[..<count])) }
    }
    let body = Self.whole.dropLast(32)
    for (offset, count) in [
      (4095, 7), (4096, 6), (4096, 8), (0, 4103), (8192, 7), (4096, 0), (.max, 7), (4096, .max), (.max, .max),
    ] as [(UInt64, UInt64)] {
      #expect(throws: ProgramFileError.self, "\(offset), \(count)") {
        try model(of: body + Self.trailer(offset, count))
      }
    }
  }

  @Test func hostileHeadersAreNoPrograms() throws {
    let program = Self.program()
    for count in [0, 3, 63, 64, 119, 300] {
      #expect(throws: ProgramFileError.self, "\(count)") { try model(of: Array(program[..<count])) }
    }
    // Every byte of the headers in turn: an error or an answer, never a trap.
    var refused = 0
    for place in Array(0..<120) + Array(420..<484) {
      for value in [0, 1, 0x7F, 0xFF] as [UInt8] {
        var bytes = program
        bytes[place] = value
        do { _ = try model(of: bytes) } catch { refused += 1 }
      }
    }
    #expect(refused > 50, "\(refused)")
    #expect(throws: ProgramFileError.self) { try model(of: Array("#!/bin/sh\necho".utf8)) }
  }
}
