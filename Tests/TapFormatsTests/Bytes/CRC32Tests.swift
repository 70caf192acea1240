// Compares CRC-32 with the published check value and, at every length around the eight-byte step, with the definition.

import TapFormats
import Testing

@Suite struct CRC32Tests {
  @Test func checkValueOfTheCatalog() {
    #expect(CRC32.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(CRC32.checksum([]) == 0)
  }

  @Test func agreesWithTheDefinitionAtEveryLength() {
    let bytes = (0..<70).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 31) }
    for count in 0...bytes.count {
      var crc = UInt32.max
      for byte in bytes[..<count] {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
      }
      #expect(CRC32.checksum(Array(bytes[..<count])) == ~crc)
    }
  }
}
