// Possible mistakes in a list: classes that differ only by case or blanks.

import TapFileSystem

extension ImageList {
  /// A line about names of classes that differ only by case, blanks or Unicode's normalization, if there are any.
  ///
  /// - Parameter names: different names.
  package static func lookalikes(_ names: [String]) -> [String] {
    // Deliberately compared as Unicode compares.
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
