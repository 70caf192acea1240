// Decompresses deflate streams (RFC 1951). The library has its own decompressor, since it reads compressed zip
// archives, such as Python wheels, and does not link zlib.

/// The reason why a deflate stream cannot be unpacked.
package enum InflateError: Error, Equatable, CustomStringConvertible {
  /// The stream ends within a block.
  case truncated
  case badBlockType
  /// The stored length and its complement do not agree.
  case badStoredLength
  /// The lengths of a Huffman code use too many or too few codes, or bits are not a code.
  case badCode
  /// A copy starts before the beginning of the output.
  case badDistance
  /// The stream has more or fewer bytes than declared.
  case wrongSize(expected: Int)

  package var description: String {
    switch self {
    case .truncated: "the compressed data is cut off"
    case .badBlockType: "the compressed data has a block of an unknown type"
    case .badStoredLength: "the compressed data has a stored block whose length does not agree with its check"
    case .badCode: "the compressed data has an unsound Huffman code"
    case .badDistance: "the compressed data copies from before its beginning"
    case .wrongSize(let expected): "the compressed data does not unpack to the declared \(expected) bytes"
    }
  }
}

package enum Inflate {
  /// Decompresses one deflate stream whose size is known.
  ///
  /// - Parameter count: the decompressed size. No byte beyond this size is ever written.
  /// - Throws: ``InflateError``, also if the stream has more or fewer than `count` bytes. Bytes after the end of the
  ///   stream are ignored.
  package static func inflate(_ input: Span<UInt8>, count: Int) throws(InflateError) -> [UInt8] {
    let output = try inflate(input, atMost: count)
    guard output.count == count else { throw .wrongSize(expected: count) }
    return output
  }

  /// Decompresses one deflate stream whose size is not known.
  ///
  /// - Throws: ``InflateError``, also if the stream has more than `count` bytes.
  package static func inflate(_ input: Span<UInt8>, atMost count: Int) throws(InflateError) -> [UInt8] {
    precondition(count >= 0)
    var failure: InflateError?
    let output = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var inflater = unsafe Inflater(output: buffer, count: count)
      do throws(InflateError) {
        try inflater.run(input)
      } catch {
        failure = error
      }
      initialized = inflater.written
    }
    if let failure { throw failure }
    return output
  }
}

/// The state of decompressing one stream. Reads use the checked span, and every write is preceded by a comparison with
/// `count`.
@safe private struct Inflater {
  private let output: UnsafeMutableBufferPointer<UInt8>
  private let count: Int
  private(set) var written = 0
  private var position = 0
  /// The next bits of the stream, lowest bit first. The buffer holds `bitCount` valid bits.
  private var bits: UInt64 = 0
  private var bitCount = 0

  init(output: UnsafeMutableBufferPointer<UInt8>, count: Int) {
    unsafe self.output = unsafe output
    self.count = count
  }

  mutating func run(_ input: Span<UInt8>) throws(InflateError) {
    var isLast = false
    while !isLast {
      isLast = try take(1, input) == 1
      switch try take(2, input) {
      case 0: try storedBlock(input)
      case 1: try compressedBlock(input, Inflater.fixedLiterals, Inflater.fixedDistances)
      case 2:
        let (literals, distances) = try dynamicTables(input)
        try compressedBlock(input, literals, distances)
      default: throw .badBlockType
      }
    }
  }

  // MARK: - Bits

  /// Fills the buffer to at least 56 bits, or with all bits that the input has left.
  @inline(__always)
  private mutating func refill(_ input: Span<UInt8>) {
    if input.count - position >= 8 {
      bits |= input.littleEndian(UInt64.self, at: position) &<< UInt64(bitCount)
      position += (63 - bitCount) >> 3
      bitCount |= 56
      return
    }
    while bitCount <= 56 && position < input.count {
      bits |= UInt64(input[position]) &<< UInt64(bitCount)
      position += 1
      bitCount += 8
    }
  }

  @inline(__always)
  private mutating func drop(_ length: Int) throws(InflateError) {
    guard length <= bitCount else { throw .truncated }
    bits = bits &>> UInt64(length)
    bitCount -= length
  }

  private mutating func take(_ length: Int, _ input: Span<UInt8>) throws(InflateError) -> Int {
    if bitCount < length { refill(input) }
    let value = Int(bits & (1 &<< UInt64(length) &- 1))
    try drop(length)
    return value
  }

  @inline(__always)
  private mutating func symbol(_ table: Span<UInt16>, _ whole: InflateTable) throws(InflateError) -> Int {
    let entry = Int(table[Int(bits & UInt64((1 << InflateTable.primaryBits) - 1))])
    if entry != 0 {
      try drop(entry & 15)
      return entry >> 4
    }
    guard let (symbol, length) = whole.walk(bits) else { throw bitCount < 15 ? .truncated : .badCode }
    try drop(length)
    return symbol
  }

  // MARK: - Blocks

  private mutating func storedBlock(_ input: Span<UInt8>) throws(InflateError) {
    // Moves the position back to the whole bytes that are still in the buffer.
    position -= bitCount / 8
    bits = 0
    bitCount = 0
    guard input.count - position >= 4 else { throw .truncated }
    let length = Int(input.littleEndian(UInt16.self, at: position))
    guard input.littleEndian(UInt16.self, at: position + 2) == ~UInt16(length) else { throw .badStoredLength }
    position += 4
    guard input.count - position >= length else { throw .truncated }
    guard length <= count - written else { throw .wrongSize(expected: count) }
    for index in 0..<length { unsafe output[written + index] = input[position + index] }
    position += length
    written += length
  }

  private mutating func compressedBlock(
    _ input: Span<UInt8>, _ literals: InflateTable, _ distances: InflateTable
  ) throws(InflateError) {
    let literalEntries = literals.entries.span
    let distanceEntries = distances.entries.span
    while true {
      // A literal takes 15 bits or fewer; a copy takes up to 15 + 5 + 15 + 13 = 48 bits.
      if bitCount < 48 { refill(input) }
      let symbol = try self.symbol(literalEntries, literals)
      if symbol < 256 {
        guard written < count else { throw .wrongSize(expected: count) }
        unsafe output[written] = UInt8(truncatingIfNeeded: symbol)
        written += 1
        continue
      }
      if symbol == 256 { return }
      guard symbol < 286 else { throw .badCode }
      let length =
        Int(Inflater.lengthBase[symbol - 257]) + (try extraBits(Int(Inflater.lengthExtra[symbol - 257])))
      if bitCount < 28 { refill(input) }
      let code = try self.symbol(distanceEntries, distances)
      guard code < 30 else { throw .badCode }
      let distance = Int(Inflater.distanceBase[code]) + (try extraBits(code < 2 ? 0 : code / 2 - 1))
      guard distance <= written else { throw .badDistance }
      guard length <= count - written else { throw .wrongSize(expected: count) }
      // Source and target may overlap: a distance of 1 repeats a byte.
      for index in written..<written + length { unsafe output[index] = output[index - distance] }
      written += length
    }
  }

  @inline(__always)
  private mutating func extraBits(_ length: Int) throws(InflateError) -> Int {
    let value = Int(bits & (1 &<< UInt64(length) &- 1))
    try drop(length)
    return value
  }

  /// Reads the tables of section 3.2.7, whose code lengths are themselves Huffman codes.
  private mutating func dynamicTables(
    _ input: Span<UInt8>
  ) throws(InflateError) -> (literals: InflateTable, distances: InflateTable) {
    let literalCount = try take(5, input) + 257
    let distanceCount = try take(5, input) + 1
    let lengthCount = try take(4, input) + 4
    guard literalCount <= 286, distanceCount <= 30 else { throw .badCode }
    var lengthLengths = [UInt8](repeating: 0, count: 19)
    for index in 0..<lengthCount { lengthLengths[Inflater.lengthOrder[index]] = UInt8(try take(3, input)) }
    let lengthTable = try InflateTable(lengths: lengthLengths[...], mayBeIncomplete: false)

    var lengths: [UInt8] = []
    let total = literalCount + distanceCount
    while lengths.count < total {
      if bitCount < 22 { refill(input) }
      let symbol = try self.symbol(lengthTable.entries.span, lengthTable)
      let (value, times): (UInt8, Int)
      switch symbol {
      case 16:
        guard let previous = lengths.last else { throw .badCode }
        (value, times) = (previous, 3 + (try take(2, input)))
      case 17: (value, times) = (0, 3 + (try take(3, input)))
      case 18: (value, times) = (0, 11 + (try take(7, input)))
      default: (value, times) = (UInt8(symbol), 1)
      }
      guard times <= total - lengths.count else { throw .badCode }
      lengths += repeatElement(value, count: times)
    }
    guard lengths[256] != 0 else { throw .badCode }
    return (
      try InflateTable(lengths: lengths[..<literalCount], mayBeIncomplete: false),
      try InflateTable(lengths: lengths[literalCount...], mayBeIncomplete: true)
    )
  }

  // MARK: - Tables of sections 3.2.5 to 3.2.7

  private static let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

  private static let lengthBase: InlineArray<29, UInt16> = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
    227, 258,
  ]
  private static let lengthExtra: InlineArray<29, UInt8> = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distanceBase: InlineArray<30, UInt16> = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073,
    4097,
    6145, 8193, 12289, 16385, 24577,
  ]

  private static let fixedLiterals = fixedTable(
    [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112) + [UInt8](repeating: 7, count: 24)
      + [UInt8](repeating: 8, count: 8))
  private static let fixedDistances = fixedTable([UInt8](repeating: 5, count: 32))

  private static func fixedTable(_ lengths: [UInt8]) -> InflateTable {
    guard let table = try? InflateTable(lengths: lengths[...], mayBeIncomplete: false) else {
      preconditionFailure("the fixed code of RFC 1951 is complete")
    }
    return table
  }
}
