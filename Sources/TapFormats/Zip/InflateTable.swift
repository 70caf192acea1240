// A canonical Huffman code as a lookup table: RFC 1951, section 3.2.2.

/// Decodes one symbol from the low bits of a bit buffer.
struct InflateTable {
  /// A code of up to this number of bits takes one lookup. Longer codes are rare and are read bit by bit.
  static let primaryBits = 10
  static let longestCode = 15

  /// The entry at the next `primaryBits` bits is the symbol times 16 plus the code's length. The entry is 0 if the code
  /// is longer or does not exist.
  let entries: [UInt16]
  /// The number of codes of each length. With the symbols in the order of their codes, these counts are enough to
  /// decode bit by bit.
  private let countOfLength: [Int]
  private let symbols: [UInt16]

  /// - Parameter lengths: the code length of each symbol, 0 for a symbol without a code.
  /// - Parameter mayBeIncomplete: whether a table of no codes, or of one code of one bit, is allowed. Only tables of
  ///   distances may be incomplete in this way.
  /// - Throws: ``InflateError/badCode`` if the lengths need more codes than exist, or leave codes unused.
  init(lengths: ArraySlice<UInt8>, mayBeIncomplete: Bool) throws(InflateError) {
    var counts = [Int](repeating: 0, count: InflateTable.longestCode + 1)
    for length in lengths { counts[Int(length)] += 1 }
    let used = lengths.count - counts[0]
    counts[0] = 0
    var left = 1
    for length in 1...InflateTable.longestCode {
      left = left * 2 - counts[length]
      guard left >= 0 else { throw .badCode }
    }
    guard left == 0 || mayBeIncomplete && (used == 0 || used == 1 && counts[1] == 1) else { throw .badCode }

    var nextIndex = [Int](repeating: 0, count: InflateTable.longestCode + 2)
    var nextCode = nextIndex
    for length in 1...InflateTable.longestCode {
      nextIndex[length + 1] = nextIndex[length] + counts[length]
      nextCode[length + 1] = (nextCode[length] + counts[length]) << 1
    }
    var symbols = [UInt16](repeating: 0, count: used)
    var entries = [UInt16](repeating: 0, count: 1 << InflateTable.primaryBits)
    for (symbol, length) in lengths.enumerated() where length > 0 {
      let length = Int(length)
      symbols[nextIndex[length]] = UInt16(symbol)
      nextIndex[length] += 1
      let code = nextCode[length]
      nextCode[length] += 1
      guard length <= InflateTable.primaryBits else { continue }
      // The bits of a code begin with the most significant bit; all other values in the stream begin with the least
      // significant bit.
      let reversed = Int(UInt16(code).bitReversed >> UInt16(16 - length))
      let entry = UInt16(symbol << 4 | length)
      for index in stride(from: reversed, to: entries.count, by: 1 << length) { entries[index] = entry }
    }
    self.entries = entries
    countOfLength = counts
    self.symbols = symbols
  }

  /// Finds the symbol and the length of a code that has no entry in the table; nil if the bits are not a code.
  func walk(_ bits: UInt64) -> (symbol: Int, length: Int)? {
    var code = 0
    var first = 0
    var index = 0
    for length in 1...InflateTable.longestCode {
      code |= Int(bits >> UInt64(length - 1) & 1)
      let count = countOfLength[length]
      if code - first < count { return (Int(symbols[index + code - first]), length) }
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    return nil
  }
}

extension UInt16 {
  fileprivate var bitReversed: UInt16 {
    var value = self
    value = (value >> 1) & 0x5555 | (value & 0x5555) << 1
    value = (value >> 2) & 0x3333 | (value & 0x3333) << 2
    value = (value >> 4) & 0x0F0F | (value & 0x0F0F) << 4
    return value.byteSwapped
  }
}
