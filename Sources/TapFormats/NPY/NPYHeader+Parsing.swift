// Reads a header, which is a Python dictionary of three known keys in any order and spacing.

/// A header whose elements may have any type, including text.
package struct NPYDescription: Hashable, Sendable {
  /// NumPy's name of the element type: `<f4`, `<U12`.
  package let type: String
  package let shape: [Int]
  /// Whether the first axis varies fastest.
  package let fortranOrder: Bool
  /// The offset at which the elements begin.
  package let dataOffset: Int
}

extension NPYHeader {
  /// Reads the header at the start of a file.
  ///
  /// - Returns: the header, and the offset at which the elements begin.
  /// - Throws: ``NPYError`` unless the header has version 1 to 3 and a known element type.
  package static func parse(_ bytes: Span<UInt8>) throws(NPYError) -> (header: NPYHeader, dataOffset: Int) {
    let description = try describe(bytes)
    guard let elementType = elementType(ofCode: description.type) else {
      throw .unsupportedType(description.type)
    }
    let header = NPYHeader(
      elementType: elementType, shape: description.shape, fortranOrder: description.fortranOrder)
    return (header, description.dataOffset)
  }

  /// Reads the header at the start of a file; the element type may be unknown.
  package static func describe(_ bytes: Span<UInt8>) throws(NPYError) -> NPYDescription {
    guard bytes.count >= 10 else { throw .truncatedHeader(bytes: bytes.count) }
    for (index, byte) in magic.enumerated() where bytes[index] != byte { throw .notNPY }
    let version = bytes[6]
    let lengthSize: Int
    switch version {
    case 1: lengthSize = 2
    case 2, 3: lengthSize = 4
    default: throw .unknownVersion(Int(version))
    }
    let start = 8 + lengthSize
    guard bytes.count >= start else { throw .truncatedHeader(bytes: bytes.count) }
    let length =
      lengthSize == 2
      ? Int(bytes.littleEndian(UInt16.self, at: 8)) : Int(bytes.littleEndian(UInt32.self, at: 8))
    // numpy.load itself refuses headers of more than 10,000 characters.
    guard length <= 65_536 else { throw .badHeader("it claims \(length) bytes") }
    guard bytes.count - start >= length else { throw .truncatedHeader(bytes: bytes.count) }
    var reader = PythonDictionaryReader(bytes.values(UInt8.self, at: start, count: length))
    return try reader.header(dataOffset: start + length)
  }

  package static func parse(_ bytes: [UInt8]) throws(NPYError) -> (header: NPYHeader, dataOffset: Int) {
    try parse(bytes.span)
  }
}

/// Reads the part of Python's literals that the header uses: a dictionary of texts, booleans and one tuple of integers.
private struct PythonDictionaryReader {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func header(dataOffset: Int) throws(NPYError) -> NPYDescription {
    var type: String?
    var fortranOrder: Bool?
    var shape: [Int]?
    try expect("{")
    while !take("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where type == nil: type = try string()
      case "fortran_order" where fortranOrder == nil: fortranOrder = try boolean()
      case "shape" where shape == nil: shape = try tuple()
      default: throw .badHeader("unexpected key '\(key)'")
      }
      guard take(",") || peek == UInt8(ascii: "}") else { throw .badHeader("expected ',' or '}'") }
    }
    skipSpace()
    guard offset == bytes.count else { throw .badHeader("text after the dictionary") }
    guard let type, let fortranOrder, let shape else {
      throw .badHeader("expected the keys descr, fortran_order and shape")
    }
    guard NPYHeader.elementCount(shape) != nil else { throw .badHeader("the shape \(shape) overflows") }
    return NPYDescription(type: type, shape: shape, fortranOrder: fortranOrder, dataOffset: dataOffset)
  }

  private mutating func string() throws(NPYError) -> String {
    skipSpace()
    guard let quote = peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      // The header describes a structured element type by a list in this place.
      throw .badHeader("expected text in quotes (structured element types are not supported)")
    }
    offset += 1
    let start = offset
    while let byte = peek, byte != quote { offset += 1 }
    guard offset < bytes.count else { throw .badHeader("text without a closing quote") }
    offset += 1
    return String(decoding: bytes[start..<offset - 1], as: UTF8.self)
  }

  private mutating func boolean() throws(NPYError) -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)]
    where bytes[offset...].starts(with: word.utf8) {
      offset += word.utf8.count
      return value
    }
    throw .badHeader("expected True or False")
  }

  private mutating func tuple() throws(NPYError) -> [Int] {
    try expect("(")
    var extents: [Int] = []
    while !take(")") {
      let start = offset
      while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
      guard let extent = Int(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
        throw .badHeader("expected an extent of the shape")
      }
      // Python 2 wrote an L after a long integer.
      if peek == UInt8(ascii: "L") { offset += 1 }
      extents.append(extent)
      guard extents.count <= 32 else { throw .badHeader("more than 32 axes") }
      skipSpace()
      guard take(",") || peek == UInt8(ascii: ")") else { throw .badHeader("expected ',' or ')'") }
      skipSpace()
    }
    return extents
  }

  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || (0x09...0x0D).contains(byte) { offset += 1 }
  }

  private mutating func take(_ character: UnicodeScalar) -> Bool {
    skipSpace()
    guard peek == UInt8(ascii: character) else { return false }
    offset += 1
    skipSpace()
    return true
  }

  private mutating func expect(_ character: UnicodeScalar) throws(NPYError) {
    guard take(character) else { throw .badHeader("expected '\(character)'") }
  }
}
