// Memory that several values share: the memory of a value is free again after the last step that reads the value.

/// Offsets in one block of memory for values that several steps use.
///
/// The values are placed in order of decreasing size. Each value gets the first offset where it fits between the values
/// that are alive at the same time. This is the greedy-by-size rule of Pisarchyk and Lee, "Efficient Memory Management
/// for Deep Neural Net Inference" (2020).
struct MemoryPlan {
  struct Value {
    let name: String
    let count: Int
    /// The steps from the one that writes the value to the last one that reads it.
    let lifetime: ClosedRange<Int>
  }

  private(set) var offsets: [String: Int] = [:]
  /// The number of elements of the block.
  private(set) var count = 0

  /// Every offset is a multiple of 16 elements, which is the length of a cache line.
  init(_ values: [Value]) {
    var placed: [(range: Range<Int>, lifetime: ClosedRange<Int>)] = []
    let bySize = values.enumerated().sorted {
      ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
    }
    for (_, value) in bySize {
      let size = (value.count + 15) / 16 * 16
      var offset = 0
      for other in placed.filter({ $0.lifetime.overlaps(value.lifetime) }).sorted(by: {
        $0.range.lowerBound < $1.range.lowerBound
      }) {
        if offset + size <= other.range.lowerBound { break }
        offset = max(offset, other.range.upperBound)
      }
      offsets[value.name] = offset
      placed.append((offset..<offset + size, value.lifetime))
      count = max(count, offset + size)
    }
  }
}
