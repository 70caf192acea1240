// Reads tag 0x0112 of the first directory of a TIFF (TIFF 6.0), as leniently as Pillow. The tag may have any type and
// any position, and the first of several values is taken. Malformed entries before the tag are skipped or end the
// directory, as in Pillow.

/// The value of the orientation tag.
struct OrientationTag {
  /// The value if it is a whole number; nil for texts, bytes, and other numbers.
  let value: Int?

  /// The number of bytes of one value, for each type of TIFF.
  private static let sizes = [
    1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8,
  ]

  /// Reads the tag. The result is nil if the directory is invalid or has no such tag.
  init?(tiff bytes: [UInt8]) {
    guard bytes.count >= 8 else { return nil }
    let bigEndian: Bool
    switch (bytes[0], bytes[1], bytes[2], bytes[3]) {
    // The number 42 may be in either byte order. The number 43 marks a BigTIFF; its directory is read as a TIFF
    // directory, but only if the file is big-endian.
    case (0x49, 0x49, 42, 0), (0x49, 0x49, 0, 42): bigEndian = false
    case (0x4D, 0x4D, 0, 42), (0x4D, 0x4D, 42, 0), (0x4D, 0x4D, 0, 43): bigEndian = true
    default: return nil
    }
    func integer(_ field: ArraySlice<UInt8>) -> UInt64 {
      bigEndian
        ? field.reduce(0) { $0 << 8 | UInt64($1) } : field.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    func integer(at offset: Int, size: Int) -> Int { Int(integer(bytes[offset..<(offset + size)])) }
    let directory = integer(at: 4, size: 4)
    guard directory <= bytes.count - 2 else { return nil }
    var seen: Set<Int> = []
    var total = 0
    for index in 0..<integer(at: directory, size: 2) {
      let entry = directory + 2 + 12 * index
      guard entry <= bytes.count - 12 else { return nil }
      let tag = integer(at: entry, size: 2)
      guard !seen.contains(tag), let unit = Self.sizes[integer(at: entry + 2, size: 2)] else { continue }
      let size = integer(at: entry + 4, size: 4) * unit
      var start = entry + 8
      if size > 4 {
        start = integer(at: entry + 8, size: 4)
        total += size
        guard total <= bytes.count else { continue }
        guard start <= bytes.count - size else { return nil }
      }
      guard size > 0 else { continue }
      seen.insert(tag)
      guard tag == 0x0112 else { continue }
      let number = Self.number(
        type: integer(at: entry + 2, size: 2), bits: integer(bytes[start..<(start + unit)]),
        bigEndian: bigEndian)
      value = number.flatMap { Int(exactly: $0) }
      return
    }
    return nil
  }

  /// A value as a number; nil if the type is not a number. `bits` has the bytes of the value as one integer in the
  /// file's byte order.
  private static func number(type: Int, bits: UInt64, bigEndian: Bool) -> Double? {
    /// The numerator and the denominator. In the file, the numerator is first.
    func pair() -> (UInt32, UInt32) {
      let halves = (UInt32(truncatingIfNeeded: bits >> 32), UInt32(truncatingIfNeeded: bits))
      return bigEndian ? halves : (halves.1, halves.0)
    }
    switch type {
    case 3, 4, 13, 16: return Double(bits)
    case 6: return Double(Int8(truncatingIfNeeded: bits))
    case 8: return Double(Int16(truncatingIfNeeded: bits))
    case 9: return Double(Int32(truncatingIfNeeded: bits))
    case 11: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case 12: return Double(bitPattern: bits)
    case 5: return Double(pair().0) / Double(pair().1)
    case 10:
      return Double(Int32(bitPattern: pair().0)) / Double(Int32(bitPattern: pair().1))
    default: return nil
    }
  }
}
