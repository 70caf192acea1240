// Converts tensors of the file to values. The data of a tensor are raw bytes, typed fields, or bytes in a file beside
// the model.

import TapFileSystem
import TapFormats
import TapONNXOperators
import TapTensors

/// Reads a model's tensors and counts their elements.
struct ONNXTensorReader {
  /// The folder of the model and its external data; nil if the model has no folder.
  let folder: String?
  private var total = 0
  private var files: [String: MappedFile] = [:]

  init(folder: String?) { self.folder = folder }

  /// - Parameter name: the tensor's name in error messages.
  /// - Throws: ``ONNXError/Reason`` if type, shape and data do not agree, or if the model has too many elements.
  mutating func value(
    _ tensor: TensorMessage, name: String, in bytes: Span<UInt8>
  ) throws(ONNXError.Reason) -> ONNXTensor {
    guard let type = ONNXDataType.type(tensor.type) else {
      throw .unsupportedType(of: name, type: ONNXDataType.name(tensor.type))
    }
    guard !tensor.hasSegment else { throw .unsupportedPart("segmented tensors") }
    let shape: Shape
    do throws(OperatorError) {
      shape = try Shape(ofResult: tensor.dims.map { Int($0) })
    } catch {
      throw .badShape(tensor: name, dims: tensor.dims)
    }
    total += shape.elementCount
    guard total <= ONNXModel.parameterLimit else {
      throw .tooManyElements(tensor: name, limit: ONNXModel.parameterLimit)
    }
    if tensor.isExternal {
      let (file, offset) = try external(tensor, name: name, byteCount: shape.elementCount * type.byteCount)
      return file.withBytes { Self.decode($0, at: offset, shape, type) }
    }
    if let raw = tensor.raw {
      let expected = shape.elementCount * type.byteCount
      guard raw.count == expected else {
        throw .wrongCount(tensor: name, expected: expected, found: raw.count, unit: "bytes")
      }
      return Self.decode(bytes, at: raw.lowerBound, shape, type)
    }
    return try typed(tensor, name: name, shape, type)
  }

  private static func decode(
    _ bytes: Span<UInt8>, at offset: Int, _ shape: Shape, _ type: ElementType
  ) -> ONNXTensor {
    if type.isFloat {
      let floats = type.floats(in: bytes, at: offset, count: shape.elementCount)
      return ONNXTensor(shape: shape, floats: floats, type: type)
    }
    let integers = type.integers(in: bytes, at: offset, count: shape.elementCount)
    return ONNXTensor(shape: shape, integers: integers, type: type)
  }

  private func typed(
    _ tensor: TensorMessage, name: String, _ shape: Shape, _ type: ElementType
  ) throws(ONNXError.Reason) -> ONNXTensor {
    func check(_ found: Int) throws(ONNXError.Reason) {
      guard found == shape.elementCount else {
        throw .wrongCount(tensor: name, expected: shape.elementCount, found: found, unit: "elements")
      }
    }
    switch type {
    case .float32:
      try check(tensor.floats.count)
      return ONNXTensor(shape: shape, floats: tensor.floats)
    case .float64:
      try check(tensor.doubles.count)
      return ONNXTensor(shape: shape, floats: tensor.doubles.map { Float($0) }, type: .float64)
    case .float16, .bfloat16:
      // Each 32-bit integer of the field holds the bits of one 16-bit float.
      try check(tensor.integers.count)
      let floats = tensor.integers.map { bits -> Float in
        let bits = UInt16(truncatingIfNeeded: bits)
        return type == .float16 ? Float(float16Bits: bits) : Float(bfloat16Bits: bits)
      }
      return ONNXTensor(shape: shape, floats: floats, type: type)
    default:
      try check(tensor.integers.count)
      return ONNXTensor(shape: shape, integers: tensor.integers, type: type)
    }
  }

  /// The file that holds a tensor's data, and the offset of the data in that file.
  private mutating func external(
    _ tensor: TensorMessage, name: String, byteCount: Int
  ) throws(ONNXError.Reason) -> (MappedFile, Int) {
    guard let folder else {
      throw .externalData(tensor: name, problem: "the model is not in a folder where they could lie")
    }
    var entries: [String: String] = [:]
    for entry in tensor.external { entries[entry.key] = entry.value }
    let location = entries["location"] ?? ""
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !location.contains("\0"), !parts.contains(".."), !parts.contains("") else {
      throw .externalData(
        tensor: name, problem: "the location \"\(location)\" is not a path below the model's folder")
    }
    func number(_ key: String) throws(ONNXError.Reason) -> Int? {
      guard let text = entries[key] else { return nil }
      guard let number = Int(text), number >= 0 else {
        throw .externalData(tensor: name, problem: "the \(key) should be a number from 0 but is \"\(text)\"")
      }
      return number
    }
    let offset = try number("offset") ?? 0
    let length = try number("length") ?? byteCount
    guard length == byteCount else {
      throw .externalData(tensor: name, problem: "the length should be \(byteCount) but is \(length)")
    }
    let file: MappedFile
    if let known = files[location] {
      file = known
    } else {
      do throws(FileSystemError) {
        file = try MappedFile(path: FileSystem.join(folder, location))
      } catch {
        throw .file(error)
      }
      files[location] = file
    }
    guard offset <= file.count, byteCount <= file.count - offset else {
      throw .externalData(
        tensor: name,
        problem:
          "bytes \(offset) and \(byteCount) more are beyond the end of \(location), which has \(file.count)")
    }
    return (file, offset)
  }
}

extension ElementType {
  /// The `count` integers at `offset`. A uint64 keeps its bits in an Int64.
  ///
  /// - Precondition: the numbers are within the span, and this type is an integer type.
  fileprivate func integers(in bytes: Span<UInt8>, at offset: Int, count: Int) -> [Int64] {
    switch self {
    case .int64, .uint64: bytes.values(Int64.self, at: offset, count: count)
    case .int32: bytes.values(Int32.self, at: offset, count: count).map { Int64($0) }
    case .int16: bytes.values(Int16.self, at: offset, count: count).map { Int64($0) }
    case .int8: bytes.values(Int8.self, at: offset, count: count).map { Int64($0) }
    case .uint32: bytes.values(UInt32.self, at: offset, count: count).map { Int64($0) }
    case .uint16: bytes.values(UInt16.self, at: offset, count: count).map { Int64($0) }
    case .uint8, .bool: bytes.values(UInt8.self, at: offset, count: count).map { Int64($0) }
    case .float64, .float32, .float16, .bfloat16: preconditionFailure("\(self) has no integers")
    }
  }
}
