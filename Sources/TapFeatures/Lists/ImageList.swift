import TapFileSystem

// The images of a run, in one order on every machine: sorted by the bytes of their paths.

/// Images with what is known about them: labels, splits, groups.
public struct ImageList: Hashable, Sendable {
  /// Sorted by the bytes of their paths; every path once.
  public private(set) var items: [ImageItem]
  /// What relative paths are relative to; empty for the working folder.
  public let folder: String
  /// Files passed over because they do not end in `.jpg`, `.jpeg` or `.png` (in any case).
  public let skippedFiles: Int
  /// Paths of a manifest that lead to no file, in the manifest's order; they are not among the items.
  public let unmatched: [String]
  /// What else was passed over, with the reason: names that are not UTF-8, links that lead nowhere.
  public let notes: [String]

  /// A list of items that are known already. Sorts them; of equal paths the first stays.
  public init(
    items: [ImageItem], folder: String = "", skippedFiles: Int = 0, unmatched: [String] = [],
    notes: [String] = []
  ) {
    var seen: Set<ByteKey> = []
    self.items =
      items.filter { seen.insert(ByteKey($0.path)).inserted }
      .sorted { ByteKey($0.path) < ByteKey($1.path) }
    self.folder = folder
    self.skippedFiles = skippedFiles
    self.unmatched = unmatched
    self.notes = notes
  }

  /// The names of the classes, sorted by bytes (so `10` comes before `2`): the order of class indices
  /// everywhere.
  public var classNames: [String] {
    items.compactMap(\.label).sortedByBytes
  }

  /// Where an item's file lies.
  public func location(of item: ImageItem) -> String { FileSystem.join(folder, item.path) }

  /// The first `count` items only.
  public func prefix(_ count: Int) -> ImageList {
    var list = self
    list.items = Array(items.prefix(count))
    return list
  }

  /// The items for which `isIncluded` is true.
  public func filter(_ isIncluded: (ImageItem) -> Bool) -> ImageList {
    var list = self
    list.items = items.filter(isIncluded)
    return list
  }

  static func isImage(_ path: String) -> Bool {
    ["jpg", "jpeg", "png"].contains(FileSystem.fileExtension(of: path))
  }
}
