// Groups without a table: the names of files and folders show which images belong together.

import TapFileSystem

/// The part of an image's path that names its group.
package enum PathGrouping {
  /// The parent folder.
  case parent
  /// The file name without its extension and without the number at the end.
  case stem
  /// The first capture of a regular expression in the path, or the whole match if the expression has no capture.
  case pattern(Regex<AnyRegexOutput>)

  /// The group of a path; nil if the path gives no group. An image without a group is a group of its own.
  package func group(of path: String) -> String? {
    switch self {
    case .parent: return FileSystem.parent(of: path)
    case .stem:
      let (stem, _) = Self.parts(path)
      return stem.isEmpty ? nil : stem
    case .pattern(let regex):
      guard let match = path.firstMatch(of: regex.matchingSemantics(.unicodeScalar)) else { return nil }
      let found = match.output.count > 1 ? match.output[1].substring : match.output[0].substring
      return found.map(String.init)
    }
  }

  /// The stem and the number at the end of a file name. `cut/part017_3.jpg` gives `part017` and 3; `frame (12).png`
  /// gives `frame` and 12.
  static func parts(_ path: String) -> (stem: String, number: Int?) {
    var name = FileSystem.withoutExtension(FileSystem.name(of: path)).utf8[...]
    let whole = name
    let isEnclosed = name.last == UInt8(ascii: ")")
    if isEnclosed { name.removeLast() }
    var digits: [UInt8] = []
    while let last = name.last, (0x30...0x39).contains(last) {
      digits.append(last)
      name.removeLast()
    }
    if isEnclosed, name.last == UInt8(ascii: "(") { name.removeLast() }
    guard !digits.isEmpty else { return (String(decoding: whole, as: UTF8.self), nil) }
    while let last = name.last, "_-. ".utf8.contains(last) { name.removeLast() }
    return (String(decoding: name, as: UTF8.self), Int(String(decoding: digits.reversed(), as: UTF8.self)))
  }

  /// Families of names: names that look like parts of one thing, like `part017_3.jpg` or the frames of a film.
  package struct Families: Hashable, Sendable {
    /// The number of images that share a stem with other images and whose numbers are consecutive.
    package let images: Int
    /// The number of stems that these images share.
    package let stems: Int
    /// One of these names, as an example.
    package let example: String

    /// The warning about these names.
    package func warning(of total: Int) -> String {
      "\(images) of \(total) names share one of \(stems) stems and differ by a running number, as \(example): if such are parts of one "
        + "thing, --group-by stem keeps them on one side of every split; if not, say --group-by none"
    }
  }

  /// The families of names, if most paths of a list belong to families.
  ///
  /// A single stem for each class, or for all images, is a usual way to number images and shows no groups. So there
  /// must be at least two stems for each class, and at least three stems in all. Numbers need not be strictly
  /// consecutive. Their step is the greatest common divisor of their differences. At least half of the steps between
  /// the smallest and the largest number must occur.
  package static func families(_ paths: [String], classes: Int) -> Families? {
    var members: [ByteKey: [Int]] = [:]
    var examples: [ByteKey: String] = [:]
    for path in paths {
      let (stem, number) = parts(path)
      guard !stem.isEmpty, let number else { continue }
      members[ByteKey(stem), default: []].append(number)
      if examples[ByteKey(stem)] == nil { examples[ByteKey(stem)] = FileSystem.name(of: path) }
    }
    let running = members.filter { isRunning($0.value) }
    let images = running.values.reduce(0) { $0 + $1.count }
    guard images * 2 > paths.count, running.count >= max(3, 2 * classes), let first = running.keys.min()
    else { return nil }
    return Families(images: images, stems: running.count, example: examples[first] ?? first.text)
  }

  private static func isRunning(_ numbers: [Int]) -> Bool {
    let numbers = Set(numbers).sorted()
    guard numbers.count > 1 else { return false }
    var step = 0
    for (first, second) in zip(numbers, numbers.dropFirst()) {
      var (a, b) = (step, second - first)
      while b != 0 { (a, b) = (b, a % b) }
      step = a
    }
    return (numbers[numbers.count - 1] - numbers[0]) / step < 2 * numbers.count
  }
}
