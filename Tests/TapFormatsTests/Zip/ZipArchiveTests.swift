import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// Python wrote the archives, in Tests/Reference/formats/make_zip.py.
struct ZipArchiveTests {
  private func file(_ name: String) throws -> [UInt8] {
    try FileSystem.read(Repository.path("Tests/Reference/formats/zip/\(name).zip"))
  }

  /// The archive of a file whose bytes are not needed again.
  private func archive(_ bytes: [UInt8]) throws -> ZipArchive { try ZipArchive(bytes.span) }

  private func contents(_ name: String, in bytes: [UInt8]) throws -> [UInt8] {
    let archive = try ZipArchive(bytes.span)
    return try archive.contents(of: try #require(archive[name]), in: bytes.span)
  }

  @Test func storedAndDeflatedEntries() throws {
    let bytes = try file("plain")
    let archive = try ZipArchive(bytes.span)
    #expect(archive.entries.map(\.name) == ["a/stored.txt", "b.txt", "empty", "é日.txt"])
    #expect(try contents("a/stored.txt", in: bytes) == Array("stored".utf8))
    #expect(try contents("b.txt", in: bytes) == Array(String(repeating: "deflated ", count: 50).utf8))
    #expect(try contents("empty", in: bytes) == [])
    let stored = try #require(archive["a/stored.txt"])
    let range = try #require(try archive.storedRange(of: stored, in: bytes.span))
    #expect(Array(bytes[range]) == Array("stored".utf8))
    #expect(try archive.storedRange(of: try #require(archive["b.txt"]), in: bytes.span) == nil)
  }

  @Test func zip64Fields() throws {
    #expect(try contents("large.txt", in: try file("zip64")) == Array("sixty-four".utf8))
  }

  @Test func anEmptyArchiveHasNoEntries() throws {
    #expect(try archive(try file("none")).entries.isEmpty)
  }

  @Test func whatIsRefusedIsNamed() throws {
    #expect(throws: ZipError.unsafeName("a/../../x")) { try archive(try file("climbing")) }
    #expect(throws: ZipError.unsafeName("/x")) { try archive(try file("absolute")) }
    #expect(throws: ZipError.unsupportedMethod(name: "x", method: 12)) {
      try contents("x", in: try file("bzip2"))
    }
    #expect(throws: ZipError.notZip) { try archive(Array("not a zip archive at all".utf8)) }
    #expect(throws: ZipError.notZip) { try archive([]) }
  }

  @Test func damageShows() throws {
    var bytes = try file("plain")
    let position = try #require(
      bytes.indices.first { bytes[$0...].starts(with: Array("stored".utf8)) && $0 > 40 })
    bytes[position] ^= 1
    #expect(throws: ZipError.badChecksum(name: "a/stored.txt")) { try contents("a/stored.txt", in: bytes) }
  }

  @Test func sizesHaveLimits() throws {
    let bytes = try file("plain")
    let archive = try ZipArchive(bytes.span)
    let entry = try #require(archive["b.txt"])
    #expect(throws: ZipError.tooLarge(name: "b.txt", size: 450, limit: 449)) {
      try archive.contents(of: entry, in: bytes.span, limit: 449)
    }
  }

  @Test func cutArchivesAreRefusedAtEveryLength() throws {
    for name in ["plain", "zip64"] {
      let whole = try file(name)
      for count in 0..<whole.count {
        let cut = Array(whole[..<count])
        #expect(throws: ZipError.self) { try ZipArchive(cut.span) }
      }
    }
  }

  /// Any changed byte gives an error or an archive, never a trap.
  @Test(arguments: ["plain", "zip64"])
  func damagedArchivesNeverTrap(name: String) throws {
    let whole = try file(name)
    for position in whole.indices {
      for value: UInt8 in [0, 0x7F, 0xFF] {
        var bytes = whole
        bytes[position] = value
        guard let archive = try? ZipArchive(bytes.span) else { continue }
        for entry in archive.entries {
          _ = try? archive.contents(of: entry, in: bytes.span, limit: 1 << 20)
        }
      }
    }
  }
}
