// The header of a file in a tar file: 512 bytes (POSIX.1-1988 "ustar", and the forms that GNU tar writes).

/// The header of one entry of a tar file.
struct TarHeader {
  /// The number of bytes of a header. Contents are padded to a multiple of it.
  static let blockBytes = 512

  /// The name in this header. A longer name can come from entries before this one.
  let name: [UInt8]
  let size: Int
  /// The kind of the entry, as a letter or digit; 0 in old files.
  let kind: UInt8

  /// The reason why a block is not a header.
  enum Problem: Error, Equatable {
    case wrongCheckSum
    case wrongSize
  }

  /// Reads a block of 512 bytes; nil if all bytes are zero, which marks the end of a tar file.
  init?(_ block: [UInt8]) throws(Problem) {
    precondition(block.count == Self.blockBytes, "a block of \(block.count) bytes")
    if block.allSatisfy({ $0 == 0 }) { return nil }
    let field = 148..<156
    guard let stated = Self.number(block[field]) else { throw .wrongCheckSum }
    // The bytes of the field count as spaces. Old programs summed signed bytes.
    var (unsigned, signed) = (0, 0)
    for (index, byte) in block.enumerated() {
      let byte = field.contains(index) ? 0x20 : byte
      unsigned += Int(byte)
      signed += Int(Int8(bitPattern: byte))
    }
    guard stated == unsigned || stated == signed else { throw .wrongCheckSum }
    guard let size = Self.number(block[124..<136]) else { throw .wrongSize }
    self.size = size
    kind = block[156]
    var name = Array(block[..<100].prefix { $0 != 0 })
    // Only POSIX's magic number comes with a prefix of the name. GNU's has other fields there.
    if Array(block[257..<263]) == Array("ustar\0".utf8), block[345] != 0 {
      name = Array(block[345..<500].prefix { $0 != 0 }) + [UInt8(ascii: "/")] + name
    }
    self.name = name
  }

  /// A number of at least 0: octal digits between blanks, or, if the first bit is set, a number of base 256. The result
  /// is nil for other bytes and for numbers that are too large.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    guard let first = field.first else { return nil }
    var value = 0
    if first & 0x80 != 0 {
      guard first == 0x80 else { return nil }
      for byte in field.dropFirst() {
        guard value < 1 << 54 else { return nil }
        value = value << 8 | Int(byte)
      }
      return value
    }
    let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
    guard digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
    for digit in digits { value = value << 3 | Int(digit - 0x30) }
    return value
  }
}
