// Writes the same file for the same tensors and metadata: names are sorted, and the header is padded to a multiple of 8
// bytes.

extension Safetensors {
  /// A tensor to write, of float32 or of bytes.
  package struct Tensor: Hashable, Sendable {
    package let name: String
    package let shape: [Int]
    /// The elements; empty for a tensor of bytes.
    package let elements: [Float]
    /// The bytes; nil for a tensor of float32.
    package let bytes: [UInt8]?

    /// A tensor of type U8, whose elements are bytes.
    ///
    /// - Precondition: the shape's product is the number of bytes.
    package init(name: String, shape: [Int], bytes: [UInt8]) {
      precondition(
        shape.reduce(1, *) == bytes.count, "\(bytes.count) bytes do not fill \(shape) of \(name)")
      self.name = name
      self.shape = shape
      elements = []
      self.bytes = bytes
    }

    /// - Precondition: the shape's product is the number of elements.
    package init(name: String, shape: [Int], elements: [Float]) {
      precondition(
        shape.reduce(1, *) == elements.count, "\(elements.count) elements do not fill \(shape) of \(name)")
      self.name = name
      self.shape = shape
      self.elements = elements
      bytes = nil
    }

    var byteCount: Int { bytes?.count ?? elements.count * 4 }
    var type: String { bytes == nil ? "F32" : "U8" }
  }

  /// The bytes of a whole file. They depend on the tensors and the metadata, but not on the order of the tensors.
  ///
  /// - Precondition: the names are distinct, and no name is `__metadata__`.
  package static func encode(_ tensors: [Tensor], metadata: [String: String] = [:]) -> [UInt8] {
    let sorted = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    var fields: [String: JSONValue] = [:]
    if !metadata.isEmpty { fields["__metadata__"] = .object(metadata.mapValues { .string($0) }) }
    var offset = 0
    for tensor in sorted {
      precondition(
        fields[tensor.name] == nil && tensor.name != "__metadata__", "the name \(tensor.name) is taken")
      let end = offset + tensor.byteCount
      fields[tensor.name] = .object([
        "dtype": .string(tensor.type), "shape": .array(tensor.shape.map { .integer($0) }),
        "data_offsets": .array([.integer(offset), .integer(end)]),
      ])
      offset = end
    }
    var header = Array(JSONValue.object(fields).canonical.utf8)
    // The data begins at a multiple of 8, so that a mapped file's floats are aligned.
    while header.count % 8 != 0 { header.append(0x20) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + offset)
    bytes.append(littleEndian: UInt64(header.count))
    bytes += header
    for tensor in sorted { bytes += tensor.bytes ?? tensor.elements.littleEndianBytes }
    return bytes
  }
}
