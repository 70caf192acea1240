// The safetensors format: eight bytes that give the header's length, a JSON header, and the tensors' bytes without
// holes. Model files and many published weights have this format.

import TapTensors

/// The contents of a safetensors file. The caller keeps the bytes and passes the bytes again to read a tensor.
package struct Safetensors: Sendable {
  package struct Entry: Hashable, Sendable {
    package let type: ElementType
    package let shape: [Int]
    /// The range of the tensor in the file.
    package let range: Range<Int>
  }

  package let entries: [String: Entry]
  package let metadata: [String: String]

  static let headerLimit = 100_000_000

  static let elementTypes: [String: ElementType] = [
    "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "I64": .int64, "I32": .int32,
    "I16": .int16, "I8": .int8, "U64": .uint64, "U32": .uint32, "U16": .uint16, "U8": .uint8, "BOOL": .bool,
  ]

  /// The elements of a tensor in row-major order. Numbers that float32 cannot represent are rounded.
  package func floats(
    _ name: String, in bytes: Span<UInt8>
  ) throws(SafetensorsError) -> (shape: [Int], elements: [Float]) {
    guard let entry = entries[name] else { throw .noTensor(name) }
    let count = entry.range.count / entry.type.byteCount
    return (entry.shape, entry.type.floats(in: bytes, at: entry.range.lowerBound, count: count))
  }
}
