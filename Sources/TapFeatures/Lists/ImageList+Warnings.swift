// Possible mistakes in a list: class names that differ only by case or blanks.

import TapFileSystem

extension ImageList {
  /// One line about class names that differ only by case, blanks or Unicode's normalization. The result is empty if
  /// there are no such names.
  ///
  /// - Parameter names: names that all differ.
  package static func lookalikes(_ names: [String]) -> [String] {
    // This comparison uses the rules of Unicode on purpose.
    let alike = Dictionary(grouping: names) { name in
      String(
        String.UnicodeScalarView(name.lowercased().unicodeScalars.filter { !$0.properties.isWhitespace }))
    }
    let pairs = alike.values.filter { $0.count > 1 }
      .map { names in names.map { "'\($0)'" }.joined(separator: " and ") }.sorted()
    guard let first = pairs.first else { return [] }
    return [
      (pairs.count == 1 ? "classes" : "\(pairs.count) times classes")
        + " differ by case or blanks alone, \(pairs.count == 1 ? "" : "as ")\(first): if they are one, give them one name"
    ]
  }
}
