// Reads class names from .npy files: integers, booleans, whole floats, and NumPy's fixed-width texts.

extension NPY {
  /// The elements as class names, for an array of one axis or a matrix of one column.
  ///
  /// Whole numbers are written without a point, and booleans as 0 and 1. Texts (`<U`, `|S`) are written without their
  /// padding.
  ///
  /// - Throws: ``NPYError/notLabels(type:)`` for elements of other types, ``NPYError/fractionalLabel(index:value:)``
  ///   for a number that is not whole, and ``NPYError/labelNotUTF8(index:)`` for bytes that are not UTF-8. Also throws
  ///   the errors of reading any .npy file.
  package static func readLabels(_ bytes: Span<UInt8>) throws(NPYError) -> (shape: [Int], labels: [String]) {
    let description = try NPYHeader.describe(bytes)
    let type = description.type
    if type.hasPrefix("<U") || type.hasPrefix("|S") {
      return (description.shape, try texts(bytes, description))
    }
    guard let elementType = NPYHeader.elementType(ofCode: type) else { throw .notLabels(type: type) }
    switch elementType {
    case .float16, .bfloat16, .float32, .float64:
      let (shape, values) = try readDoubles(bytes)
      var labels: [String] = []
      for (index, value) in values.enumerated() {
        guard let whole = Int(exactly: value) else { throw .fractionalLabel(index: index, value: value) }
        labels.append(String(whole))
      }
      return (shape, labels)
    default:
      let (shape, elements) = try readInts(bytes)
      return (shape, elements.map { String($0) })
    }
  }

  private static func texts(
    _ bytes: Span<UInt8>, _ description: NPYDescription
  ) throws(NPYError) -> [String] {
    let isWide = description.type.hasPrefix("<U")
    guard let width = Int(description.type.dropFirst(2)), width >= 0, width < 1 << 24 else {
      throw .unsupportedType(description.type)
    }
    let size = isWide ? 4 * width : width
    let count = try checkedCount(description, size: size, in: bytes)
    var labels: [String] = []
    for index in 0..<count {
      let start = description.dataOffset + index * size
      if isWide {
        var text = ""
        for place in 0..<width {
          let code = bytes.littleEndian(UInt32.self, at: start + 4 * place)
          if code == 0 { break }
          guard let scalar = Unicode.Scalar(code) else { throw .badHeader("text \(index) is not Unicode") }
          text.unicodeScalars.append(scalar)
        }
        labels.append(text)
      } else {
        let bytes = bytes.values(UInt8.self, at: start, count: width).prefix { $0 != 0 }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .labelNotUTF8(index: index) }
        labels.append(text)
      }
    }
    return labels
  }

  private static func checkedCount(
    _ description: NPYDescription, size: Int, in bytes: Span<UInt8>
  ) throws(NPYError) -> Int {
    let count = NPYHeader.elementCount(description.shape) ?? .max
    let (needed, overflow) = count.multipliedReportingOverflow(by: size)
    let actual = bytes.count - description.dataOffset
    guard !overflow, needed <= actual else {
      throw .truncatedData(
        shape: description.shape, expectedBytes: overflow ? .max : needed, actualBytes: actual)
    }
    return count
  }
}
