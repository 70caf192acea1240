// The header of NumPy's .npy files: numpy.lib.format, versions 1.0, 2.0 and 3.0.

/// The part of an .npy file before its elements.
package struct NPYHeader: Hashable, Sendable {
  package enum ElementType: String, Hashable, Sendable, CaseIterable {
    case float16 = "<f2"
    case float32 = "<f4"
    case float64 = "<f8"
    case int32 = "<i4"
    case int64 = "<i8"
    case int16 = "<i2"
    case int8 = "|i1"
    case uint64 = "<u8"
    case uint32 = "<u4"
    case uint16 = "<u2"
    case uint8 = "|u1"
    case bool = "|b1"

    package var format: NumberFormat {
      switch self {
      case .float16: .float16
      case .float32: .float32
      case .float64: .float64
      case .int32: .int32
      case .int64: .int64
      case .int16: .int16
      case .int8: .int8
      case .uint64: .uint64
      case .uint32: .uint32
      case .uint16: .uint16
      case .uint8: .uint8
      case .bool: .bool
      }
    }

    /// The number of bytes of one element.
    package var size: Int { format.size }
  }

  package let elementType: ElementType
  package let shape: [Int]
  /// The first axis varies fastest.
  package let fortranOrder: Bool

  package init(elementType: ElementType, shape: [Int], fortranOrder: Bool = false) {
    self.elementType = elementType
    self.shape = shape
    self.fortranOrder = fortranOrder
  }

  /// The product of the extents; nil if it overflows.
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

  /// The header as bytes: version 1.0, at least `length` of them and a multiple of 64. The first extent
  /// is padded with spaces to 20 characters, so that every number of rows gives a header of the same
  /// length and a growing file's header can be written again in place; numpy.load accepts that.
  package func encoded(length: Int = 128) -> [UInt8] {
    Self.encoded(
      description: elementType.rawValue, shape: shape, fortranOrder: fortranOrder, length: length)
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

  /// `\x93NUMPY`
  static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
}
