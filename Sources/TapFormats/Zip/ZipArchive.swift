// Reads zip archives (PKWARE's APPNOTE 6.3, including zip64): wheels, PyTorch's zipped checkpoints, .npz files. The
// reader uses the central directory and checks the local headers against the directory.

/// One file of an archive.
package struct ZipEntry: Hashable, Sendable {
  package let name: String
  /// The size of the decompressed entry in bytes.
  package let size: Int
  package let compressedSize: Int
  let checksum: UInt32
  let method: Int
  let isEncrypted: Bool
  let headerOffset: Int
}

/// The directory of an archive. The caller keeps the archive's bytes and passes the bytes again to read an entry.
package struct ZipArchive: Sendable {
  /// The entries in the order of the directory, without folders.
  package let entries: [ZipEntry]

  static let entryLimit = 1_000_000

  package subscript(name: String) -> ZipEntry? { entries.first { $0.name == name } }

  /// The range of an uncompressed entry's bytes, after a check of the checksum; nil if the entry is compressed.
  package func storedRange(
    of entry: ZipEntry, in bytes: Span<UInt8>
  ) throws(ZipError) -> Range<Int>? {
    guard entry.method == 0 else { return nil }
    let range = try dataRange(of: entry, in: bytes)
    guard range.count == entry.size else {
      throw .badEntry(name: entry.name, reason: "stored, but its two sizes differ")
    }
    guard CRC32.checksum(bytes.extracting(range)) == entry.checksum else {
      throw .badChecksum(name: entry.name)
    }
    return range
  }

  /// The decompressed bytes of an entry, after a check of the checksum.
  ///
  /// - Parameter limit: the largest declared size that is accepted. An entry is also refused if its declared size is
  ///   more than 1,032 times its compressed size, since deflate cannot reach this ratio. Both checks come before memory
  ///   is allocated.
  package func contents(
    of entry: ZipEntry, in bytes: Span<UInt8>, limit: Int = 1 << 32
  ) throws(ZipError) -> [UInt8] {
    guard entry.size <= limit else { throw .tooLarge(name: entry.name, size: entry.size, limit: limit) }
    if let range = try storedRange(of: entry, in: bytes) {
      return bytes.values(UInt8.self, at: range.lowerBound, count: range.count)
    }
    guard entry.method == 8 else { throw .unsupportedMethod(name: entry.name, method: entry.method) }
    let range = try dataRange(of: entry, in: bytes)
    guard entry.size / 1032 <= range.count else {
      throw .badEntry(name: entry.name, reason: "\(range.count) bytes cannot unpack to \(entry.size)")
    }
    let contents: [UInt8]
    do throws(InflateError) {
      contents = try Inflate.inflate(bytes.extracting(range), count: entry.size)
    } catch {
      throw .badCompression(name: entry.name, error)
    }
    guard CRC32.checksum(contents) == entry.checksum else { throw .badChecksum(name: entry.name) }
    return contents
  }

  /// The range of the entry's data, which follow the local header.
  private func dataRange(of entry: ZipEntry, in bytes: Span<UInt8>) throws(ZipError) -> Range<Int> {
    guard !entry.isEncrypted else { throw .encrypted(name: entry.name) }
    let header = entry.headerOffset
    guard header <= bytes.count - 30, bytes.littleEndian(UInt32.self, at: header) == 0x0403_4B50 else {
      throw .badEntry(name: entry.name, reason: "no local header at \(header)")
    }
    guard Int(bytes.littleEndian(UInt16.self, at: header + 8)) == entry.method else {
      throw .badEntry(name: entry.name, reason: "its two headers name different methods")
    }
    let nameLength = Int(bytes.littleEndian(UInt16.self, at: header + 26))
    let extraLength = Int(bytes.littleEndian(UInt16.self, at: header + 28))
    let start = header + 30 + nameLength + extraLength
    guard start <= bytes.count, entry.compressedSize <= bytes.count - start else {
      throw .badEntry(name: entry.name, reason: "its data reaches past the end of the file")
    }
    return start..<start + entry.compressedSize
  }
}
