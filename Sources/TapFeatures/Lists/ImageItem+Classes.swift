// The classes and groups of several images, as numbers.

import TapFileSystem

extension [ImageItem] {
  /// The names of the classes, sorted by bytes, so `10` comes before `2`. Class indices follow this order everywhere.
  package var classNames: [String] { compactMap(\.label).sortedByBytes }

  /// The index of each image's class in `names`. The class of every image must be in `names`.
  package func classIndices(_ names: [String]) -> [Int] {
    let index = names.placesByBytes
    return compactMap { $0.label.flatMap { index[ByteKey($0)] } }
  }

  /// A number for each image's group; an image without a group is a group of its own. Nil if no image has a group.
  package var groupIndices: [Int]? {
    guard contains(where: { $0.group != nil }) else { return nil }
    var known: [ByteKey: Int] = [:]
    var next = 0
    return map { image in
      let name = image.group.map(ByteKey.init)
      if let name, let number = known[name] { return number }
      defer { next += 1 }
      if let name { known[name] = next }
      return next
    }
  }
}
