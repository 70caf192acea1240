// Patterns of paths, as in shells and .gitignore. Patterns and paths are compared as bytes.

/// A pattern of paths. `*` matches any number of bytes other than slashes, and `**` matches any number of folders. `?`
/// matches one character, and `[a-z]` and `[!a-z]` match one byte of a set. A backslash makes the next byte literal.
///
/// A pattern without a slash matches a path if the name of the file or of a folder on the path matches. A pattern with
/// a slash matches the whole path or the path of a folder above it.
package struct Glob: Hashable, Sendable {
  package let pattern: String
  private let parts: [[UInt8]]
  private let isOfNames: Bool

  package init(_ pattern: String) {
    self.pattern = pattern
    isOfNames = !pattern.utf8.drop { $0 == 0x2F }.reversed().drop { $0 == 0x2F }.contains(0x2F)
    parts = pattern.utf8.split(separator: 0x2F).map(Array.init)
  }

  /// Whether the pattern matches a path or a folder above the path. The time is O(parts of the path · parts of the
  /// pattern).
  package func matches(_ path: String) -> Bool {
    let names = path.utf8.split(separator: 0x2F).map(Array.init)
    guard let first = parts.first else { return false }
    if isOfNames { return names.contains { Self.matches($0, first) } }
    // The positions in the pattern that the parts of the path so far can reach.
    var places = reached(from: [0])
    for name in names {
      if places.contains(parts.count) { return true }
      var next: Set<Int> = []
      for place in places where place < parts.count {
        if Self.isAnyFolders(parts[place]) {
          next.insert(place)
        } else if Self.matches(name, parts[place]) {
          next.insert(place + 1)
        }
      }
      places = reached(from: next)
    }
    return places.contains(parts.count)
  }

  /// The given positions, and the positions after each `**` at a given position, because `**` can match no folder at
  /// all.
  private func reached(from places: Set<Int>) -> Set<Int> {
    var all = places
    for start in places {
      var place = start
      while place < parts.count, Self.isAnyFolders(parts[place]) {
        place += 1
        all.insert(place)
      }
    }
    return all
  }

  private static func isAnyFolders(_ part: [UInt8]) -> Bool { part == [0x2A, 0x2A] }

  /// Matches one name with one part of the pattern. If the text after the last `*` does not match, this `*` is extended
  /// by one byte. So the time is bounded by the product of the lengths.
  private static func matches(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
    var (place, at) = (0, 0)
    var star: (pattern: Int, name: Int)?
    while at < name.count {
      if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
        star = (place, at)
        place += 1
      } else if let (nextPlace, nextAt) = step(name, at, pattern, place) {
        (place, at) = (nextPlace, nextAt)
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        (place, at) = (last.pattern + 1, last.name + 1)
      } else {
        return false
      }
    }
    while place < pattern.count, pattern[place] == UInt8(ascii: "*") { place += 1 }
    return place == pattern.count
  }

  /// The positions after one item of the pattern and its match; nil if the item does not match.
  private static func step(
    _ name: [UInt8], _ at: Int, _ pattern: [UInt8], _ place: Int
  ) -> (place: Int, at: Int)? {
    guard place < pattern.count else { return nil }
    switch pattern[place] {
    case UInt8(ascii: "?"):
      var next = at + 1
      // In UTF-8, all bytes of a character after the first are 10xxxxxx.
      while next < name.count, name[next] & 0xC0 == 0x80 { next += 1 }
      return (place + 1, next)
    case UInt8(ascii: "["):
      guard let (isInSet, next) = set(pattern, place, has: name[at]) else {
        return name[at] == UInt8(ascii: "[") ? (place + 1, at + 1) : nil
      }
      return isInSet ? (next, at + 1) : nil
    case UInt8(ascii: "\\") where place + 1 < pattern.count:
      return pattern[place + 1] == name[at] ? (place + 2, at + 1) : nil
    default:
      return pattern[place] == name[at] ? (place + 1, at + 1) : nil
    }
  }

  /// Whether a set contains a byte, and the position after the set; nil if the set has no closing bracket.
  private static func set(
    _ pattern: [UInt8], _ start: Int, has byte: UInt8
  ) -> (isInSet: Bool, next: Int)? {
    var place = start + 1
    let isNegated = place < pattern.count && [UInt8(ascii: "!"), UInt8(ascii: "^")].contains(pattern[place])
    if isNegated { place += 1 }
    var isFound = false
    let first = place
    while place < pattern.count, pattern[place] != UInt8(ascii: "]") || place == first {
      let isRange =
        place + 2 < pattern.count && pattern[place + 1] == UInt8(ascii: "-")
        && pattern[place + 2] != UInt8(ascii: "]")
      let last = isRange ? pattern[place + 2] : pattern[place]
      if pattern[place] <= byte, byte <= last { isFound = true }
      place += isRange ? 3 : 1
    }
    return place < pattern.count ? (isFound != isNegated, place + 1) : nil
  }
}
