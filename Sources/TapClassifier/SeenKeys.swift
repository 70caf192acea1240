// Short keys of the items that a classifier was fitted on or chosen by. With these keys an evaluation detects such
// items.

import TapFormats

/// The first eight bytes of the keys of the items that a training used, sorted and without repetition. An item is an
/// image, or a row of a matrix.
///
/// The probability that any two of n different contents share their first eight bytes is about n² / 2⁶⁵. For a million
/// contents the probability is 3e-8.
package struct SeenKeys: Hashable, Sendable {
  /// The kind of the keys.
  package enum Source: Hashable, Sendable {
    /// Keys of images: the SHA-256 of a file's bytes.
    case images
    /// Keys of rows of a matrix: the SHA-256 of a row's float32 bytes.
    case rows
  }

  /// The kind of the keys.
  package let source: Source
  /// The short keys, `[count, 8]`, row-major.
  package let bytes: [UInt8]

  /// The number of bytes that are kept of each key.
  package static let keyLength = 8

  /// - Parameter hashes: SHA-256 values in hexadecimal. Other strings are skipped, such as the string of an image that
  ///   was never read.
  package init(_ source: Source, hashes: [String]) {
    self.source = source
    let keys = Set(hashes.compactMap(Self.key)).sorted()
    bytes = keys.flatMap { key in (0..<Self.keyLength).map { UInt8(truncatingIfNeeded: key >> (56 - 8 * $0)) }
    }
  }

  /// Creates keys from the bytes in a file; nil if the keys are not sorted or a key is repeated.
  package init?(_ source: Source, bytes: [UInt8]) {
    guard bytes.count % Self.keyLength == 0 else { return nil }
    self.source = source
    self.bytes = bytes
    for index in 0..<max(0, count - 1) where key(index) >= key(index + 1) { return nil }
  }

  /// The number of different contents.
  package var count: Int { bytes.count / Self.keyLength }

  /// Whether the training used a content.
  ///
  /// - Parameter hash: the SHA-256 of the content in hexadecimal.
  package func contains(_ hash: String) -> Bool {
    guard let wanted = Self.key(hash) else { return false }
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if key(middle) < wanted { low = middle + 1 } else { high = middle }
    }
    return low < count && key(low) == wanted
  }

  private func key(_ index: Int) -> UInt64 {
    bytes[index * Self.keyLength..<(index + 1) * Self.keyLength].reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func key(_ hash: String) -> UInt64? {
    hash.utf8.count == 64 ? UInt64(hash.prefix(2 * keyLength), radix: 16) : nil
  }
}
