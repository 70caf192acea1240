// Texts that the library returns, in memory that C can read.

import CTapForeign
import LayerTap

/// Texts of UTF-8, each with a zero at its end.
@safe final class Texts: HandleObject, @unchecked Sendable {
  static let kind = HandleKind.texts

  private let bytes: UnsafeMutableBufferPointer<CChar>
  /// The range of each text in the bytes, without its zero.
  private let ranges: [Range<Int>]

  init(_ texts: [String]) {
    let count = texts.reduce(0) { $0 + $1.utf8.count + 1 }
    unsafe bytes = .allocate(capacity: count)
    var ranges: [Range<Int>] = []
    var end = 0
    for text in texts {
      let start = end
      for byte in text.utf8 {
        unsafe bytes.initializeElement(at: end, to: CChar(bitPattern: byte))
        end += 1
      }
      ranges.append(start..<end)
      unsafe bytes.initializeElement(at: end, to: 0)
      end += 1
    }
    self.ranges = ranges
  }

  /// One JSON document.
  convenience init(_ json: JSONValue) { self.init([json.pretty]) }

  deinit { unsafe bytes.deallocate() }

  var count: Int { ranges.count }

  /// The memory and the size of a text; nil if there is no text with this index.
  @unsafe func text(_ index: Int) -> (UnsafePointer<CChar>, Int)? {
    guard ranges.indices.contains(index), let base = unsafe bytes.baseAddress else { return nil }
    return unsafe (UnsafePointer(base + ranges[index].lowerBound), ranges[index].count)
  }
}
