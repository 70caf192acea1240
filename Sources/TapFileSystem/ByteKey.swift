// Names are bytes. Swift compares texts by Unicode's canonical equivalence, so it would treat two different file names
// as equal. Swift also splits texts at grapheme clusters, so a slash before a combining character would not count as a
// slash.

/// A text that is compared, ordered and hashed by its UTF-8 bytes. Paths and the names of classes and groups are such
/// texts.
package struct ByteKey: Hashable, Comparable, Sendable {
  package let text: String

  package init(_ text: String) { self.text = text }

  package static func == (first: ByteKey, second: ByteKey) -> Bool { first.text.hasBytes(of: second.text) }

  package static func < (first: ByteKey, second: ByteKey) -> Bool {
    first.text.utf8.lexicographicallyPrecedes(second.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}

extension String {
  /// Whether both texts have the same bytes.
  package func hasBytes(of other: String) -> Bool { utf8.elementsEqual(other.utf8) }

  /// The parts between slashes, without empty parts.
  package var pathParts: [String] {
    utf8.split(separator: 0x2F).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension String? {
  /// Whether both are nil, or both are texts with the same bytes.
  package func hasBytes(of other: String?) -> Bool { map(ByteKey.init) == other.map(ByteKey.init) }
}

extension Sequence<String> {
  /// The distinct texts, sorted by bytes.
  package var sortedByBytes: [String] { Set(map(ByteKey.init)).sorted().map(\.text) }
}

extension Collection<String> {
  /// The index of each text. A repeated text has the index of its first occurrence.
  package var placesByBytes: [ByteKey: Int] {
    Dictionary(enumerated().map { (ByteKey($1), $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Whether the collection contains a text with the same bytes.
  package func containsBytes(of text: String) -> Bool { contains { $0.hasBytes(of: text) } }
}
