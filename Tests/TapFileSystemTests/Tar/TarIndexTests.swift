// Tar files that tar(1) writes in all its formats are read. Damaged ones end with an error that names the place.

import TapFileSystem
import TestSupport
import Testing

@Suite struct TarIndexTests {
  private static func run(_ words: [String], in folder: String) throws {
    let outcome = try Tool.run("/usr/bin/env", words, in: folder)
    #expect(outcome.status == 0, "\(words): \(outcome.errors)")
  }

  private static func contents(_ index: Int) -> [UInt8] {
    (0..<index * 700).map { UInt8(truncatingIfNeeded: $0 / 3 + index) }
  }

  private static func write(_ names: [String], to folder: String) throws {
    for (index, name) in names.enumerated() {
      let path = "\(folder)/\(name)"
      try FileSystem.createDirectories(FileSystem.parent(of: path))
      try AtomicWriter.replace(path, with: contents(index))
    }
  }

  private static func index(_ bytes: [UInt8], at path: String) throws -> TarIndex {
    try AtomicWriter.replace(path, with: bytes)
    return try TarIndex(File(reading: path))
  }

  /// Names longer than 100 bytes need a prefix, and names longer than 256 bytes need an entry of their own.
  @Test(arguments: ["v7", "oldgnu", "gnu", "ustar", "posix"])
  func filesOfEveryFormatAreRead(format: String) throws {
    try withTemporaryFolder { folder in
      var names = ["a.jpg", "b/c d.png", "b/ä.txt", "empty", "b.tar/inner.jpg"]
      if format != "v7" { names.append(String(repeating: "d", count: 90) + "/" + String(repeating: "e", count: 60)) }
      if !["v7", "ustar"].contains(format) {
        names.append(String(repeating: "f", count: 200) + "/" + String(repeating: "g", count: 200))
      }
      try Self.write(names, to: folder + "/files")
      try Self.run(["tar", "--format", format, "-cf", "x.tar", "-C", "files", "."], in: folder)
      let index = try TarIndex(File(reading: folder + "/x.tar"))
      #expect(Set(index.members.map(\.name)) == Set(names) && index.members.count == names.count)
      #expect(index.passedOver == [])
      for (number, name) in names.enumerated() {
        let path = "\(folder)/x.tar/\(name)"
        #expect(try FileSystem.readFile(path, atMost: 1 << 20) == Self.contents(number), "\(name)")
        #expect(try FileSystem.isFile(path))
      }
      #expect(try !FileSystem.isFile(folder + "/x.tar/none") && !FileSystem.isFile(folder + "/x.tar/b"))
      #expect(throws: FileSystemError.missing(folder + "/x.tar/none")) {
        try FileSystem.readFile(folder + "/x.tar/none", atMost: 9)
      }
      #expect(throws: FileSystemError.tooLarge(path: folder + "/x.tar/b/c d.png", size: 700, limit: 699)) {
        try FileSystem.readFile(folder + "/x.tar/b/c d.png", atMost: 699)
      }
      // A folder whose name ends in .tar is a folder.
      #expect(try FileSystem.readFile(folder + "/files/b.tar/inner.jpg", atMost: 1 << 20) == Self.contents(4))
      #expect(FileSystem.tarParts(folder + "/files/b.tar/inner.jpg")?.tar == nil)
      #expect(FileSystem.tarOrWhole("p/x.tar/b/c.jpg") == "p/x.tar" && FileSystem.tarOrWhole("p/c.jpg") == "p/c.jpg")
    }
  }

  @Test func linksAndPipesAreSkipped() throws {
    try withTemporaryFolder { folder in
      try Self.write(["a.jpg", "b.jpg"], to: folder + "/files")
      try Self.run(
        [
          "bash", "-ec",
          "ln -s a.jpg c.jpg; ln b.jpg d.jpg; mkfifo e.jpg; tar -cf ../x.tar a.jpg b.jpg c.jpg d.jpg e.jpg",
        ],
        in: folder + "/files")
      let index = try TarIndex(File(reading: folder + "/x.tar"))
      #expect(index.members.map(\.name) == ["a.jpg", "b.jpg"])
      #expect(
        index.passedOver == [
          "c.jpg: a link in a tar file", "d.jpg: a link in a tar file", "e.jpg: a pipe in a tar file",
        ])
    }
  }

  /// A file that is appended under the name of an earlier one replaces it, also in an index that is in use.
  @Test func theLastFileOfANameCounts() throws {
    try withTemporaryFolder { folder in
      try Self.write(["b.jpg", "a.jpg"], to: folder)
      try Self.run(["tar", "-cf", "x.tar", "a.jpg", "b.jpg"], in: folder)
      #expect(try FileSystem.readFile(folder + "/x.tar/a.jpg", atMost: 1 << 20) == Self.contents(1))
      try AtomicWriter.replace(folder + "/a.jpg", with: Self.contents(5))
      try Self.run(["tar", "-rf", "x.tar", "--blocking-factor=40", "a.jpg"], in: folder)
      let index = try TarIndex(File(reading: folder + "/x.tar"))
      #expect(index.members.map(\.name) == ["b.jpg", "a.jpg"])
      #expect(index.passedOver == ["a.jpg: the tar file has a later file of this name"])
      #expect(try FileSystem.readFile(folder + "/x.tar/a.jpg", atMost: 1 << 20) == Self.contents(5))
    }
  }

  private static func small(_ folder: String) throws -> [UInt8] {
    try write(["e.jpg", "a.jpg", "b.jpg"], to: folder)
    try run(["tar", "--format", "ustar", "-cf", "x.tar", "a.jpg", "b.jpg"], in: folder)
    return try FileSystem.read(folder + "/x.tar")
  }

  @Test func aFileThatIsCutShortIsDamaged() throws {
    try withTemporaryFolder { folder in
      let bytes = try Self.small(folder)
      // Two headers, 700 and 1,400 bytes in blocks of 512 bytes, and one block of zero bytes.
      let needed = 2 * 512 + 1024 + 1536 + 512
      for count in Array(stride(from: 0, to: needed, by: 97)) + [512, 1536, 2048, needed - 1] {
        let error = #expect(throws: FileSystemError.self, "\(count)") {
          try Self.index(Array(bytes.prefix(count)), at: folder + "/y.tar")
        }
        guard case .damagedTar(_, let offset, let problem) = error else {
          Issue.record("\(count): \(String(describing: error))")
          continue
        }
        #expect(offset <= count && problem.hasSuffix("is it cut short?"), "\(count): \(problem)")
      }
      #expect(try Self.index(Array(bytes.prefix(needed)), at: folder + "/y.tar").members.count == 2)
    }
  }

  /// Every changed bit of a header is found, or changes nothing.
  @Test func changedHeadersAreDamaged() throws {
    try withTemporaryFolder { folder in
      let bytes = try Self.small(folder)
      let members = try Self.index(bytes, at: folder + "/y.tar").members
      var refused = 0
      for place in 0..<512 {
        var changed = bytes
        changed[place] ^= 1 << UInt8(place % 8)
        do {
          #expect(try Self.index(changed, at: folder + "/y.tar").members == members, "\(place)")
        } catch FileSystemError.damagedTar { refused += 1 }
      }
      #expect(refused > 500)
    }
  }

  /// A tar file of one entry with a correct check sum.
  private static func entry(_ kind: String, size: [UInt8], contents: [UInt8] = []) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    header.replaceSubrange(0..<5, with: Array("a.jpg".utf8))
    header.replaceSubrange(124..<(124 + size.count), with: size)
    header.replaceSubrange(148..<156, with: [UInt8](repeating: 0x20, count: 8))
    header[156] = Array(kind.utf8)[0]
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    header.replaceSubrange(148..<(148 + sum.utf8.count), with: Array(sum.utf8))
    let padding = (512 - contents.count % 512) % 512
    return header + contents + [UInt8](repeating: 0, count: padding + 1024)
  }

  @Test(
    arguments: [
      ("0", Array("77777777777".utf8), [], "expected 8589934591 bytes of an entry, found 1024"),
      ("0", Array("00000002001".utf8), [], "expected 1025 bytes of an entry, found 1024"),
      ("0", Array("0000000000x".utf8), [], "expected the size of an entry, found no number"),
      ("0", [0xFF] + [UInt8](repeating: 0xFF, count: 11), [], "expected the size of an entry, found no number"),
      ("0", [0x80] + [UInt8](repeating: 0x7F, count: 11), [], "expected the size of an entry, found no number"),
      ("x", Array("00000000012".utf8), Array("99 path=ab".utf8), "expected records with their lengths"),
      ("x", Array("00000000012".utf8), Array("10 path=a\0".utf8), "expected records with their lengths"),
      ("x", Array("00000000012".utf8), Array("0 path=abc".utf8), "expected records with their lengths"),
      ("x", Array("00000000013".utf8), Array("11 size=-1\n".utf8), "expected the size of an entry, found no number"),
      ("L", Array("00000300000".utf8), [UInt8](repeating: 97, count: 98_304), "expected a name of at most 65536 bytes"),
    ] as [(String, [UInt8], [UInt8], String)])
  func lyingEntriesAreRefused(kind: String, size: [UInt8], contents: [UInt8], problem: String) throws {
    try withTemporaryFolder { folder in
      let bytes = Self.entry(kind, size: size, contents: contents)
      let error = #expect(throws: FileSystemError.self) { try Self.index(bytes, at: folder + "/y.tar") }
      #expect(
        error.map { "\($0)" }?.hasPrefix("\(folder)/y.tar, byte 0: \(problem)") == true, "\(String(describing: error))")
    }
  }

  @Test func otherFilesAreNoTarFiles() throws {
    try withTemporaryFolder { folder in
      _ = try Self.small(folder)
      try Self.run(["gzip", "--keep", "--no-name", "x.tar"], in: folder)
      let packed = try FileSystem.read(folder + "/x.tar.gz") + [UInt8](repeating: 0, count: 512)
      for (bytes, text) in [
        (packed, "found one that gzip compressed"), ([UInt8](repeating: 65, count: 2000), "with another check sum"),
        ([], "found the end of the file"),
      ] {
        let error = #expect(throws: FileSystemError.self) { try Self.index(bytes, at: folder + "/y.tar") }
        #expect(error.map { "\($0)" }?.contains(text) == true)
      }
      let names = Self.entry("0", size: Array("00000000000".utf8))
      for (name, expected) in [("/a.jpg", ["a.jpg"]), ("./b.jpg", ["b.jpg"]), ("../a.g", []), ("\u{1}", ["\u{1}"])] {
        var bytes = Array(names)
        let old = bytes[..<10].reduce(0) { $0 + Int($1) }
        bytes.replaceSubrange(0..<10, with: Array(name.utf8) + [UInt8](repeating: 0, count: 10 - name.utf8.count))
        let sum = (Int(String(decoding: bytes[148..<156].prefix { $0 != 0x20 }, as: UTF8.self), radix: 8) ?? 0)
        let changed = String(sum - old + bytes[..<10].reduce(0) { $0 + Int($1) }, radix: 8)
        bytes.replaceSubrange(
          148..<156, with: Array(changed.utf8) + [UInt8](repeating: 0x20, count: 8 - changed.utf8.count))
        #expect(try Self.index(bytes, at: folder + "/y.tar").members.map(\.name) == expected)
      }
    }
  }
}
