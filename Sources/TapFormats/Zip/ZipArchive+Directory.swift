// Finds the central directory from the end of the file, and checks each of its fields.

extension ZipArchive {
  /// Reads the directory of an archive.
  ///
  /// - Throws: ``ZipError`` for a file that is not a zip archive, an archive on several disks, an invalid directory,
  ///   unsafe or repeated names, and more than a million entries.
  package init(_ bytes: Span<UInt8>) throws(ZipError) {
    let directory = try Directory(bytes)
    var entries: [ZipEntry] = []
    var names: Set<String> = []
    var offset = directory.offset
    for _ in 0..<directory.entryCount {
      let (entry, next) = try ZipArchive.entry(bytes, at: offset, end: directory.end)
      offset = next
      guard names.insert(entry.name).inserted else { throw .duplicateName(entry.name) }
      if !entry.name.hasSuffix("/") { entries.append(entry) }
    }
    guard offset == directory.end else {
      throw .badDirectory("it holds more than its \(directory.entryCount) entries")
    }
    self.entries = entries
  }

  private static func entry(
    _ bytes: Span<UInt8>, at offset: Int, end: Int
  ) throws(ZipError) -> (entry: ZipEntry, next: Int) {
    guard offset <= end - 46, bytes.littleEndian(UInt32.self, at: offset) == 0x0201_4B50 else {
      throw .badDirectory("no entry at offset \(offset)")
    }
    let nameLength = Int(bytes.littleEndian(UInt16.self, at: offset + 28))
    let extraLength = Int(bytes.littleEndian(UInt16.self, at: offset + 30))
    let commentLength = Int(bytes.littleEndian(UInt16.self, at: offset + 32))
    let extraStart = offset + 46 + nameLength
    let next = extraStart + extraLength + commentLength
    guard next <= end else { throw .badDirectory("the entry at offset \(offset) is cut off") }
    let nameBytes = bytes.values(UInt8.self, at: offset + 46, count: nameLength)
    guard let name = String(validating: nameBytes, as: UTF8.self), isSafe(name) else {
      throw .unsafeName(String(decoding: nameBytes, as: UTF8.self))
    }

    // The zip64 extra field holds the values that do not fit in 32 bits. Their order is: size, compressed size, offset
    // of the local header.
    var large = Zip64Fields(bytes, at: extraStart, end: extraStart + extraLength)
    func field(_ position: Int) throws(ZipError) -> Int {
      let value = bytes.littleEndian(UInt32.self, at: offset + position)
      guard value == .max else { return Int(value) }
      guard let value = large.next(bytes) else {
        throw .badEntry(name: name, reason: "its zip64 field is missing or too large")
      }
      return value
    }
    let size = try field(24)
    let compressedSize = try field(20)
    let headerOffset = try field(42)
    let entry = ZipEntry(
      name: name, size: size, compressedSize: compressedSize,
      checksum: bytes.littleEndian(UInt32.self, at: offset + 16),
      method: Int(bytes.littleEndian(UInt16.self, at: offset + 10)),
      isEncrypted: bytes.littleEndian(UInt16.self, at: offset + 8) & 1 == 1, headerOffset: headerOffset)
    return (entry, next)
  }

  private static func isSafe(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return !name.isEmpty && !name.hasPrefix("/") && !parts.contains("..")
      && !name.utf8.contains { $0 == UInt8(ascii: "\\") || $0 == 0 }
  }
}

/// The values of an entry's zip64 extra field, one after the other.
private struct Zip64Fields {
  private var offset = 0
  private var end = 0

  init(_ bytes: Span<UInt8>, at start: Int, end: Int) {
    var field = start
    while field <= end - 4 {
      let length = Int(bytes.littleEndian(UInt16.self, at: field + 2))
      guard field + 4 + length <= end else { return }
      if bytes.littleEndian(UInt16.self, at: field) == 1 {
        offset = field + 4
        self.end = offset + length
        return
      }
      field += 4 + length
    }
  }

  mutating func next(_ bytes: Span<UInt8>) -> Int? {
    guard offset <= end - 8 else { return nil }
    offset += 8
    return Int(exactly: bytes.littleEndian(UInt64.self, at: offset - 8))
  }
}

/// The contents of the end-of-central-directory record.
private struct Directory {
  let offset: Int
  let end: Int
  let entryCount: Int

  init(_ bytes: Span<UInt8>) throws(ZipError) {
    guard let record = Directory.endRecord(bytes) else { throw .notZip }
    var count = Int(bytes.littleEndian(UInt16.self, at: record + 10))
    var size = Int(bytes.littleEndian(UInt32.self, at: record + 12))
    var start = Int(bytes.littleEndian(UInt32.self, at: record + 16))
    var limit = record
    var disks = [
      Int(bytes.littleEndian(UInt16.self, at: record + 4)),
      Int(bytes.littleEndian(UInt16.self, at: record + 6)),
    ]
    var countHere = Int(bytes.littleEndian(UInt16.self, at: record + 8))
    if record >= 20, bytes.littleEndian(UInt32.self, at: record - 20) == 0x0706_4B50 {
      let large = bytes.littleEndian(UInt64.self, at: record - 12)
      guard let at = Int(exactly: large), at <= record - 20 - 56,
        bytes.littleEndian(UInt32.self, at: at) == 0x0606_4B50,
        let totalCount = Int(exactly: bytes.littleEndian(UInt64.self, at: at + 32)),
        let hereCount = Int(exactly: bytes.littleEndian(UInt64.self, at: at + 24)),
        let totalSize = Int(exactly: bytes.littleEndian(UInt64.self, at: at + 40)),
        let totalStart = Int(exactly: bytes.littleEndian(UInt64.self, at: at + 48))
      else { throw .badDirectory("its zip64 record is not where it should be") }
      (count, countHere, size, start, limit) = (totalCount, hereCount, totalSize, totalStart, at)
      disks = [
        Int(bytes.littleEndian(UInt32.self, at: at + 16)), Int(bytes.littleEndian(UInt32.self, at: at + 20)),
      ]
    }
    guard disks == [0, 0], countHere == count else { throw .spansDisks }
    guard count <= ZipArchive.entryLimit else { throw .badDirectory("it claims \(count) entries") }
    guard start <= limit, size <= limit - start else {
      throw .badDirectory("it reaches past the end of the file")
    }
    offset = start
    end = start + size
    entryCount = count
  }

  /// The record is at the end of the file, before a comment of up to 65,535 bytes.
  private static func endRecord(_ bytes: Span<UInt8>) -> Int? {
    var offset = bytes.count - 22
    let lowest = max(0, offset - 65_535)
    while offset >= lowest {
      if bytes.littleEndian(UInt32.self, at: offset) == 0x0605_4B50,
        offset + 22 + Int(bytes.littleEndian(UInt16.self, at: offset + 20)) == bytes.count
      {
        return offset
      }
      offset -= 1
    }
    return nil
  }
}
