// Reads the header, and checks that it describes every byte of the file.

import TapTensors

extension Safetensors {
  /// Reads the header of a whole file.
  ///
  /// - Throws: ``SafetensorsError`` for a header beyond 100 MB, invalid JSON, repeated names or unknown types. The
  ///   other reasons are shapes that overflow or do not match their offsets, holes and overlaps, and too little or too
  ///   much data.
  package init(_ bytes: Span<UInt8>) throws(SafetensorsError) {
    guard bytes.count >= 8 else { throw .truncatedHeader(bytes: bytes.count) }
    let claimed = bytes.littleEndian(UInt64.self, at: 0)
    guard claimed <= UInt64(Safetensors.headerLimit) else {
      throw .headerTooLarge(bytes: claimed, limit: Safetensors.headerLimit)
    }
    let length = Int(claimed)
    guard length <= bytes.count - 8 else { throw .truncatedHeader(bytes: bytes.count) }
    let header: JSONValue
    do throws(JSONError) {
      header = try JSONValue.parse(bytes.values(UInt8.self, at: 8, count: length))
    } catch {
      throw .badHeader(error)
    }
    guard let fields = header.objectValue else {
      throw .badHeader(.wrongType(field: "", expected: "an object", found: header.kind))
    }

    var metadata: [String: String] = [:]
    var entries: [String: Entry] = [:]
    for (name, value) in fields {
      if name == "__metadata__" {
        metadata = try Safetensors.metadata(value)
      } else {
        entries[name] = try Safetensors.entry(name, value, dataOffset: 8 + length)
      }
    }
    // Sorted by offset, the tensors must fill the rest of the file without holes or overlaps. An empty tensor has the
    // same offset as the tensor after it, so empty tensors are sorted first.
    var end = 8 + length
    let inOrder = entries.sorted {
      ($0.value.range.lowerBound, $0.value.range.upperBound) < (
        $1.value.range.lowerBound, $1.value.range.upperBound
      )
    }
    for (name, entry) in inOrder {
      guard entry.range.lowerBound == end else {
        throw .holeOrOverlap(
          tensor: name, expectedOffset: end - 8 - length, actualOffset: entry.range.lowerBound - 8 - length)
      }
      end = entry.range.upperBound
    }
    guard end == bytes.count else {
      throw .wrongLength(expectedBytes: end - 8 - length, actualBytes: bytes.count - 8 - length)
    }
    self.entries = entries
    self.metadata = metadata
  }

  private static func metadata(_ value: JSONValue) throws(SafetensorsError) -> [String: String] {
    guard let fields = value.objectValue else { throw .badMetadata }
    var metadata: [String: String] = [:]
    for (key, value) in fields {
      guard let text = value.stringValue else { throw .badMetadata }
      metadata[key] = text
    }
    return metadata
  }

  private static func entry(
    _ name: String, _ value: JSONValue, dataOffset: Int
  ) throws(SafetensorsError) -> Entry {
    guard value.objectValue?.count == 3, let type = value["dtype"]?.stringValue,
      let extents = value["shape"]?.arrayValue, let offsets = value["data_offsets"]?.arrayValue,
      offsets.count == 2, let begin = offsets[0].intValue, let end = offsets[1].intValue,
      0 <= begin, begin <= end, end <= Int.max - dataOffset
    else { throw .badEntry(tensor: name) }
    guard let elementType = elementTypes[type] else { throw .unknownType(tensor: name, type: type) }
    var shape: [Int] = []
    for extent in extents {
      guard let extent = extent.intValue, extent >= 0 else { throw .badEntry(tensor: name) }
      shape.append(extent)
    }
    guard let size = byteCount(shape, elementType) else { throw .shapeOverflows(tensor: name, shape: shape) }
    guard size == end - begin else {
      throw .wrongSize(tensor: name, shape: shape, expectedBytes: size, actualBytes: end - begin)
    }
    return Entry(type: elementType, shape: shape, range: dataOffset + begin..<dataOffset + end)
  }

  /// The number of bytes of a tensor; nil if the product of its extents overflows.
  private static func byteCount(_ shape: [Int], _ type: ElementType) -> Int? {
    var product = type.byteCount
    for extent in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      product = next
    }
    return product
  }
}
