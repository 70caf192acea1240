// The checksum of zip members and of the rows of a feature store: CRC-32 as in ISO 3309. The CRC is reflected, with the
// polynomial 0xEDB88320; its start value and the final complement are all ones. Python's `zlib.crc32` computes the same
// checksum.

package enum CRC32 {
  /// The checksum of `bytes`. One step takes eight bytes, with eight tables of 256 entries.
  package static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
    let tables = CRC32.tables
    var crc = UInt32.max
    var offset = 0
    while bytes.count - offset >= 8 {
      let low = bytes.littleEndian(UInt32.self, at: offset) ^ crc
      let high = bytes.littleEndian(UInt32.self, at: offset + 4)
      crc = tables[1792 + Int(low & 255)] ^ tables[1536 + Int(low >> 8 & 255)]
      crc ^= tables[1280 + Int(low >> 16 & 255)] ^ tables[1024 + Int(low >> 24)]
      crc ^= tables[768 + Int(high & 255)] ^ tables[512 + Int(high >> 8 & 255)]
      crc ^= tables[256 + Int(high >> 16 & 255)] ^ tables[Int(high >> 24)]
      offset += 8
    }
    while offset < bytes.count {
      crc = tables[Int((crc ^ UInt32(bytes[offset])) & 255)] ^ (crc >> 8)
      offset += 1
    }
    return ~crc
  }

  package static func checksum(_ bytes: [UInt8]) -> UInt32 { checksum(bytes.span) }

  /// Entry b of table t is the remainder of the byte b followed by t zero bytes.
  private static let tables: [UInt32] = {
    let polynomial: UInt32 = 0xEDB8_8320
    var tables: [UInt32] = []
    for byte in UInt32(0)..<256 {
      var crc = byte
      for _ in 0..<8 { crc = crc & 1 == 1 ? polynomial ^ (crc >> 1) : crc >> 1 }
      tables.append(crc)
    }
    for index in 256..<2048 {
      let before = tables[index - 256]
      tables.append(tables[Int(before & 255)] ^ (before >> 8))
    }
    return tables
  }()
}
