// Writes arrays as .npy files in memory, for archives.

extension NPY {
  /// The .npy file of an array of 64-bit floats.
  package static func file(_ values: [Double], shape: [Int]) -> [UInt8] {
    var bytes = NPYHeader(elementType: .float64, shape: shape).encoded()
    bytes.reserveCapacity(bytes.count + 8 * values.count)
    for value in values { bytes.append(littleEndian: value.bitPattern) }
    return bytes
  }

  /// The .npy file of a vector of 64-bit integers.
  package static func file(_ values: [Int]) -> [UInt8] {
    var bytes = NPYHeader(elementType: .int64, shape: [values.count]).encoded()
    for value in values { bytes.append(littleEndian: UInt64(bitPattern: Int64(value))) }
    return bytes
  }

  /// The .npy file of a vector of texts. The type is `<U` and the length of the longest text.
  package static func file(_ texts: [String]) -> [UInt8] {
    let width = max(1, texts.reduce(0) { max($0, $1.unicodeScalars.count) })
    var bytes = NPYHeader.encoded(description: "<U\(width)", shape: [texts.count])
    for text in texts {
      for scalar in text.unicodeScalars { bytes.append(littleEndian: scalar.value) }
      bytes += [UInt8](repeating: 0, count: 4 * (width - text.unicodeScalars.count))
    }
    return bytes
  }
}
