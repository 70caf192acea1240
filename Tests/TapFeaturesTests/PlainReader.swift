// A reader of stores that was written from Documentation/StoreFormat.md alone. It uses neither the store's code nor
// JSON nor mapped files. Any other program would read the same values.

import TapFileSystem
import Testing

/// The contents of a store's files.
struct PlainReader {
  let folder: String
  /// The key of each row, as 64 hexadecimal digits.
  let keys: [String]

  init(_ folder: String) throws {
    self.folder = folder
    let bytes = try FileSystem.read(folder + "/rows.bin")
    var count = bytes.count / 32
    while count > 0, bytes[(count - 1) * 32..<count * 32].allSatisfy({ $0 == 0 }) { count -= 1 }
    keys = (0..<count).map { row in
      bytes[row * 32..<row * 32 + 32].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  /// The committed rows of a column.
  func matrix(_ file: String) throws -> [[Float]] {
    let bytes = try FileSystem.read("\(folder)/features/\(file).npy")
    #expect(Array(bytes[..<8]) == [0x93, 78, 85, 77, 80, 89, 1, 0])
    #expect(Int(bytes[8]) + 256 * Int(bytes[9]) == 118)
    #expect(bytes[127] == UInt8(ascii: "\n"))
    let header = String(decoding: bytes[10..<128], as: UTF8.self)
    #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': ("))
    let shape = header.drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }.split(separator: ",")
      .compactMap { Int($0.filter { $0 != " " }) }
    try #require(shape.count == 2)
    #expect(shape[0] <= keys.count)
    let dimensions = shape[1]
    try #require(bytes.count >= 128 + keys.count * dimensions * 4)
    return keys.indices.map { row in
      (0..<dimensions).map { column in
        let at = 128 + (row * dimensions + column) * 4
        let pattern = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
        return Float(bitPattern: pattern)
      }
    }
  }

  /// Whether every committed row of a column matches its check sum, bit by bit as ISO 3309 defines it.
  func isIntact(_ file: String) throws -> Bool {
    let values = try FileSystem.read("\(folder)/features/\(file).npy")
    let sums = try FileSystem.read("\(folder)/features/\(file).crc")
    let rowBytes = try matrix(file).first.map { $0.count * 4 } ?? 0
    guard sums.count >= keys.count * 4 else { return false }
    return keys.indices.allSatisfy { row in
      var crc = UInt32.max
      for byte in values[(128 + row * rowBytes)..<(128 + (row + 1) * rowBytes)] {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
      }
      let stored = (0..<4).reduce(UInt32(0)) { $0 | UInt32(sums[row * 4 + $1]) << UInt32(8 * $1) }
      return stored == ~crc
    }
  }
}
