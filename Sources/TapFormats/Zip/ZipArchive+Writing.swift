// Writes small archives of uncompressed members, like those of np.savez.

extension ZipArchive {
  /// An archive of the members in the given order, uncompressed. The result is nil if the archive needs the fields of
  /// zip64, because it has at least 4 GiB or 65,535 members.
  package static func stored(_ members: [(name: String, bytes: [UInt8])]) -> [UInt8]? {
    let total = members.reduce(0) { $0 + $1.bytes.count + 2 * $1.name.utf8.count + 128 }
    guard total < Int(UInt32.max), members.count < 0xFFFF else { return nil }
    var archive: [UInt8] = []
    archive.reserveCapacity(total)
    var directory: [UInt8] = []
    for (name, bytes) in members {
      let offset = archive.count
      // Version 2.0, names in UTF-8, no compression. The date is always 1980-01-01, so that the bytes do not depend on
      // the time.
      var fields: [UInt8] = []
      for value in [20, 0x0800, 0, 0, 0x21] as [UInt16] { fields.append(littleEndian: value) }
      fields.append(littleEndian: CRC32.checksum(bytes))
      fields.append(littleEndian: UInt32(bytes.count))
      fields.append(littleEndian: UInt32(bytes.count))
      fields.append(littleEndian: UInt16(name.utf8.count))
      fields.append(littleEndian: UInt16(0))
      archive.append(littleEndian: UInt32(0x0403_4b50))
      archive += fields
      archive += name.utf8
      archive += bytes
      directory.append(littleEndian: UInt32(0x0201_4b50))
      directory.append(littleEndian: UInt16(20))
      // The ten zero bytes mean: no comment, first disk, no attributes.
      directory += fields + [UInt8](repeating: 0, count: 10)
      directory.append(littleEndian: UInt32(offset))
      directory += name.utf8
    }
    let start = archive.count
    archive += directory
    archive.append(littleEndian: UInt32(0x0605_4b50))
    for value in [0, 0, members.count, members.count] { archive.append(littleEndian: UInt16(value)) }
    archive.append(littleEndian: UInt32(directory.count))
    archive.append(littleEndian: UInt32(start))
    archive.append(littleEndian: UInt16(0))
    return archive
  }
}
