// Reads whole .npy files of any shape into flat row-major Swift arrays, and writes such files.

package enum NPYError: Error, Equatable, CustomStringConvertible {
  case notNPY
  case unknownVersion(Int)
  case truncatedHeader(bytes: Int)
  case badHeader(String)
  case unsupportedType(String)
  /// The file ends before the last element.
  case truncatedData(shape: [Int], expectedBytes: Int, actualBytes: Int)
  /// The elements are floating-point numbers, but integers are needed.
  case notIntegers(String)
  /// The array does not have the needed number of axes.
  case shape(expected: String, found: [Int])
  /// The elements cannot be class names. In the next cases, `index` is the element's index in the file's order.
  case notLabels(type: String)
  case fractionalLabel(index: Int, value: Double)
  case labelNotUTF8(index: Int)

  package var description: String {
    switch self {
    case .notNPY: "this is not an .npy file: it does not begin with \\x93NUMPY"
    case .unknownVersion(let version): "the .npy format version is \(version); expected 1, 2 or 3"
    case .truncatedHeader(let bytes): "the .npy header is cut off: the file has \(bytes) bytes"
    case .badHeader(let what): "the .npy header is not sound: \(what)"
    case .unsupportedType(let type):
      "the .npy element type is \(type); expected one of "
        + NPYHeader.typeCodes.map(\.key).joined(separator: ", ")
    case .truncatedData(let shape, let expected, let actual):
      "the .npy data is cut off: the shape \(shape) needs \(expected) bytes, the file has \(actual)"
    case .notIntegers(let type): "the .npy elements are \(type); expected integers"
    case .shape(let expected, let found): "expected \(expected), found shape \(found)"
    case .notLabels("|O"):
      "the labels are pickled Python objects (|O), which are not read: save them as text, y.astype(str)"
    case .notLabels(let type): "the labels are \(type); expected integers or text"
    case .fractionalLabel(let index, let value):
      "the label of row \(index) is \(value); expected integers or text: a classifier needs classes"
    case .labelNotUTF8(let index):
      "the label of row \(index) is not valid UTF-8: save the labels as text, np.char.decode(y, 'latin1') or whatever they are in"
    }
  }
}

package enum NPY {
  /// The elements of a file in row-major order, converted to float32 if needed. Bytes after the last element are
  /// ignored, as by numpy.load.
  ///
  /// - Throws: ``NPYError``. The size is compared with the number of bytes before any element is read.
  package static func readFloats(_ bytes: Span<UInt8>) throws(NPYError) -> (shape: [Int], elements: [Float]) {
    let (header, offset, count) = try check(bytes)
    let elements = header.elementType.floats(in: bytes, at: offset, count: count)
    return (header.shape, rowMajor(elements, header))
  }

  package static func readFloats(_ bytes: [UInt8]) throws(NPYError) -> (shape: [Int], elements: [Float]) {
    try readFloats(bytes.span)
  }

  /// The elements of a file in row-major order. The file must hold integers or booleans.
  package static func readInts(_ bytes: Span<UInt8>) throws(NPYError) -> (shape: [Int], elements: [Int]) {
    let (header, offset, count) = try check(bytes)
    let elements: [Int] =
      switch header.elementType {
      case .int32: bytes.values(Int32.self, at: offset, count: count).map { Int($0) }
      case .int64: bytes.values(Int64.self, at: offset, count: count).map { Int($0) }
      case .int16: bytes.values(Int16.self, at: offset, count: count).map { Int($0) }
      case .int8: bytes.values(Int8.self, at: offset, count: count).map { Int($0) }
      case .uint64: bytes.values(UInt64.self, at: offset, count: count).map { Int(clamping: $0) }
      case .uint32: bytes.values(UInt32.self, at: offset, count: count).map { Int($0) }
      case .uint16: bytes.values(UInt16.self, at: offset, count: count).map { Int($0) }
      case .uint8, .bool: bytes.values(UInt8.self, at: offset, count: count).map { Int($0) }
      case .float16, .bfloat16, .float32, .float64: throw .notIntegers(header.typeCode)
      }
    return (header.shape, rowMajor(elements, header))
  }

  package static func readInts(_ bytes: [UInt8]) throws(NPYError) -> (shape: [Int], elements: [Int]) {
    try readInts(bytes.span)
  }

  /// The elements of a file in row-major order. The file may hold any numbers.
  package static func readDoubles(_ bytes: Span<UInt8>) throws(NPYError) -> (shape: [Int], elements: [Double]) {
    let (header, offset, count) = try check(bytes)
    switch header.elementType {
    case .float64:
      return (header.shape, rowMajor(bytes.values(Double.self, at: offset, count: count), header))
    case .float16, .bfloat16, .float32:
      let elements = header.elementType.floats(in: bytes, at: offset, count: count)
      return (header.shape, rowMajor(elements.map(Double.init), header))
    default:
      let (shape, elements) = try readInts(bytes)
      return (shape, elements.map(Double.init))
    }
  }

  /// The .npy file of an array of float32.
  ///
  /// - Precondition: the shape's product is the number of elements.
  package static func encode(_ elements: [Float], shape: [Int]) -> [UInt8] {
    let header = NPYHeader(elementType: .float32, shape: shape)
    precondition(header.elementCount == elements.count, "\(elements.count) elements do not fill \(shape)")
    return header.encoded() + elements.littleEndianBytes
  }

  /// The .npy file of an array of int64.
  ///
  /// - Precondition: the shape's product is the number of elements.
  package static func encode(_ elements: [Int], shape: [Int]) -> [UInt8] {
    let header = NPYHeader(elementType: .int64, shape: shape)
    precondition(header.elementCount == elements.count, "\(elements.count) elements do not fill \(shape)")
    return header.encoded() + elements.map { Int64($0) }.littleEndianBytes
  }

  private static func check(
    _ bytes: Span<UInt8>
  ) throws(NPYError) -> (header: NPYHeader, offset: Int, count: Int) {
    let (header, offset) = try NPYHeader.parse(bytes)
    guard let count = header.elementCount else { throw .badHeader("the shape \(header.shape) overflows") }
    let (size, overflow) = count.multipliedReportingOverflow(by: header.elementType.byteCount)
    guard !overflow, size <= bytes.count - offset else {
      throw .truncatedData(
        shape: header.shape, expectedBytes: overflow ? .max : size, actualBytes: bytes.count - offset)
    }
    return (header, offset, count)
  }

  /// Converts elements to row-major order. In Fortran order the first axis varies fastest; in row-major order the last
  /// axis varies fastest.
  private static func rowMajor<Element>(_ elements: [Element], _ header: NPYHeader) -> [Element] {
    guard header.fortranOrder, header.shape.count > 1, elements.count > 1 else { return elements }
    var strides: [Int] = []
    var product = 1
    for extent in header.shape {
      strides.append(product)
      product *= extent
    }
    var index = [Int](repeating: 0, count: header.shape.count)
    var source = 0
    var result: [Element] = []
    result.reserveCapacity(elements.count)
    while result.count < elements.count {
      result.append(elements[source])
      var axis = index.count - 1
      while axis >= 0 {
        index[axis] += 1
        source += strides[axis]
        if index[axis] < header.shape[axis] { break }
        source -= strides[axis] * header.shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return result
  }
}
