// The images of a run, sorted by the bytes of their paths. This order is the same on every machine.

import TapFileSystem

/// Images with their labels, splits, groups and weights.
public struct ImageList: Hashable, Sendable {
  /// One mention of an image: a line of a manifest or a word of a command line. A manifest or a command line may name
  /// an image twice.
  public struct Row: Hashable, Sendable {
    /// The path of the item that the row names.
    public let path: String
    /// The fields of the user's own columns in a manifest, in the order of ``ImageList/ownColumns``.
    public let ownFields: [String]

    /// Creates a row of a list.
    public init(path: String, ownFields: [String] = []) {
      self.path = path
      self.ownFields = ownFields
    }
  }

  /// The images, sorted by the bytes of their paths. Every path occurs once.
  public private(set) var items: [ImageItem]
  /// The folder that relative paths start from; empty for the working folder.
  public let folder: String
  /// The files that were skipped because they hold neither JPEG nor PNG.
  public let skipped: SkippedFiles
  /// The paths of a manifest without a file, in the manifest's order. These paths are not among the items.
  public let unmatched: [String]
  /// Notes on other skipped files, with the reason: names that are not UTF-8, and links to missing files.
  public let notes: [String]
  /// Warnings about omitted files, and about ambiguous names with the chosen meaning. Each warning is one line and
  /// names the option that changes the result.
  public private(set) var warnings: [String]
  /// The items in the order in which the user named them, with repeats; nil if this order is the order of ``items``.
  /// Some rows may name items that a filter removed.
  public let rows: [Row]?
  /// The names of the user's own columns in a manifest.
  public let ownColumns: [String]

  /// The number of files that were skipped because they hold neither JPEG nor PNG.
  public var skippedFiles: Int { skipped.count }

  /// Creates a list of known items and sorts it. If two items have equal paths, the first item stays.
  public init(
    items: [ImageItem], folder: String = "", skipped: SkippedFiles = SkippedFiles(), unmatched: [String] = [],
    notes: [String] = [], warnings: [String] = [], rows: [Row]? = nil, ownColumns: [String] = []
  ) {
    var seen: Set<ByteKey> = []
    self.items =
      items.filter { seen.insert(ByteKey($0.path)).inserted }
      .sorted { ByteKey($0.path) < ByteKey($1.path) }
    self.folder = folder
    self.skipped = skipped
    self.unmatched = unmatched
    self.notes = notes
    self.warnings = warnings
    self.ownColumns = ownColumns
    let isSorted =
      ownColumns.isEmpty && rows?.count == self.items.count
      && zip(rows ?? [], self.items).allSatisfy { $0.path.hasBytes(of: $1.path) }
    self.rows = isSorted ? nil : rows
  }

  /// The names of the classes, sorted by bytes, so `10` comes before `2`. Class indices follow this order everywhere.
  public var classNames: [String] { items.classNames }

  /// The path of an item's file.
  public func location(of item: ImageItem) -> String { FileSystem.join(folder, item.path) }

  /// A list of only the first `count` items.
  public func prefix(_ count: Int) -> ImageList {
    var list = self
    list.items = Array(items.prefix(count))
    return list
  }

  /// A list of the items for which `isIncluded` is true.
  public func filter(_ isIncluded: (ImageItem) -> Bool) -> ImageList {
    var list = self
    list.items = items.filter(isIncluded)
    return list
  }

  /// A list of the same items, some with another label.
  ///
  /// - Parameter label: returns the new label of an item, or nil to keep its label.
  package func relabeled(_ label: (ImageItem) -> String?) -> ImageList {
    var list = self
    for index in items.indices {
      if let new = label(items[index]) { list.items[index].label = new }
    }
    return list
  }

  /// A list of the same items with other groups and with further warnings. `groups` has the group of each item, in the
  /// order of the items. If `groups` is nil, items keep their groups.
  package func applying(_ groups: [String?]?, warnings: [String]) -> ImageList {
    var list = self
    for (index, group) in (groups ?? []).enumerated() { list.items[index].group = group }
    list.warnings += warnings
    return list
  }
}

extension ImageList {
  /// The stored items in the order in which the user named them, with the fields of the user's own columns.
  ///
  /// - Parameter stored: every item of the list, each once, in any order.
  public func inGivenOrder(_ stored: [StoredItem]) -> [(item: StoredItem, ownFields: [String])] {
    guard let rows else { return stored.map { ($0, []) } }
    let places = stored.map(\.item.path).placesByBytes
    return rows.compactMap { row in places[ByteKey(row.path)].map { (stored[$0], row.ownFields) } }
  }
}
