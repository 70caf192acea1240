// The header of NumPy's .npy files: numpy.lib.format, versions 1.0, 2.0 and 3.0.

import TapTensors

/// The part of an .npy file before its elements.
package struct NPYHeader: Hashable, Sendable {
  /// The element types that this program reads, by NumPy's codes.
  package static let typeCodes: KeyValuePairs<String, ElementType> = [
    "<f2": .float16, "<f4": .float32, "<f8": .float64, "<i4": .int32, "<i8": .int64, "<i2": .int16,
    "|i1": .int8, "<u8": .uint64, "<u4": .uint32, "<u2": .uint16, "|u1": .uint8, "|b1": .bool,
  ]

  package let elementType: ElementType
  package let shape: [Int]
  /// Whether the first axis varies fastest.
  package let fortranOrder: Bool

  /// - Precondition: NumPy has the element type, so the type is not bfloat16.
  package init(elementType: ElementType, shape: [Int], fortranOrder: Bool = false) {
    self.elementType = elementType
    self.shape = shape
    self.fortranOrder = fortranOrder
  }

  /// NumPy's code of the element type, such as `<f4`.
  var typeCode: String {
    guard let (code, _) = Self.typeCodes.first(where: { $0.value == elementType }) else {
      preconditionFailure("NumPy has no \(elementType)")
    }
    return code
  }

  /// The element type of a code; nil for an unknown code.
  static func elementType(ofCode code: String) -> ElementType? {
    typeCodes.first { $0.key == code }?.value
  }

  /// The number of elements, which is the product of the extents; nil if the product overflows.
  package var elementCount: Int? { Self.elementCount(shape) }

  static func elementCount(_ shape: [Int]) -> Int? {
    var product = 1
    for extent in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      product = next
    }
    return product
  }

  /// The header as bytes, in version 1.0. The number of bytes is a multiple of 64 and at least `length`. The first
  /// extent is padded with spaces to 20 characters. Thus the header has the same length for every number of rows, and
  /// the header of a growing file can be replaced in place. numpy.load accepts the spaces.
  package func encoded(length: Int = 128) -> [UInt8] {
    Self.encoded(
      description: typeCode, shape: shape, fortranOrder: fortranOrder, length: length)
  }

  static func encoded(
    description: String, shape: [Int], fortranOrder: Bool = false, length: Int = 128
  ) -> [UInt8] {
    let extents = shape.enumerated().map { axis, extent in
      let text = String(extent)
      return axis == 0 ? String(repeating: " ", count: max(0, 20 - text.count)) + text : text
    }
    let tuple = extents.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let dictionary =
      "{'descr': '\(description)', 'fortran_order': \(fortranOrder ? "True" : "False"), "
      + "'shape': (\(tuple)), }"
    let prefix = 10
    let needed = max(length, prefix + dictionary.utf8.count + 1)
    let total = (needed + 63) / 64 * 64
    var bytes: [UInt8] = NPYHeader.magic + [1, 0]
    bytes.append(littleEndian: UInt16(total - prefix))
    bytes += dictionary.utf8
    bytes += [UInt8](repeating: 0x20, count: total - 1 - bytes.count)
    bytes.append(0x0A)
    return bytes
  }

  /// The bytes of `\x93NUMPY`.
  static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
}
