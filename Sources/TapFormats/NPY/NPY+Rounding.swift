// Measures the loss from reading wide numbers as float32.

extension NPY {
  /// The indices, from 0, of the matrix columns whose values float32 cannot distinguish; see ``RoundingWatch``. The
  /// file is read in pieces.
  ///
  /// - Precondition: `readFloats` has read the same bytes as a matrix.
  package static func roundedColumns(_ bytes: Span<UInt8>) throws(NPYError) -> [Int] {
    let (header, offset) = try NPYHeader.parse(bytes)
    let shape = header.shape
    guard shape.count == 2, shape[0] > 0, shape[1] > 0 else { return [] }
    var watch = RoundingWatch(columns: shape[1])
    func walk<Element: BitwiseCopyable>(_ type: Element.Type, _ number: (Element) -> Double) {
      let count = shape[0] * shape[1]
      let size = MemoryLayout<Element>.size
      var first = 0
      while first < count {
        let piece = bytes.values(type, at: offset + first * size, count: min(1 << 16, count - first))
        for (index, element) in piece.enumerated() {
          let place = first + index
          watch.add(number(element), column: header.fortranOrder ? place / shape[0] : place % shape[1])
        }
        first += piece.count
      }
    }
    switch header.elementType {
    case .float64: walk(Double.self) { $0 }
    case .int64: walk(Int64.self) { Double($0) }
    case .int32: walk(Int32.self) { Double($0) }
    case .uint64: walk(UInt64.self) { Double($0) }
    case .uint32: walk(UInt32.self) { Double($0) }
    case .float16, .bfloat16, .float32, .int16, .int8, .uint16, .uint8, .bool: return []
    }
    return watch.columns(rows: shape[0])
  }
}
