// The images of a run, in one order on every machine: sorted by the bytes of their paths.

import TapFileSystem

/// Images with what is known about them: labels, splits, groups.
public struct ImageList: Hashable, Sendable {
  /// One mention of an image: a line of a manifest or a word of a command line, which may name an image twice.
  public struct Row: Hashable, Sendable {
    /// The path of an item.
    public let path: String
    /// The fields of the user's own columns in a manifest, in the order of ``ImageList/ownColumns``.
    public let ownFields: [String]

    /// A row of a list.
    public init(path: String, ownFields: [String] = []) {
      self.path = path
      self.ownFields = ownFields
    }
  }

  /// Sorted by the bytes of their paths; every path once.
  public private(set) var items: [ImageItem]
  /// The folder that relative paths start from; empty for the working folder.
  public let folder: String
  /// Files skipped because they hold neither JPEG nor PNG.
  public let skipped: SkippedFiles
  /// Paths of a manifest without a file, in the manifest's order; they are not among the items.
  public let unmatched: [String]
  /// Other skipped files, with the reason: names that are not UTF-8, links to nothing.
  public let notes: [String]
  /// Files left out, and ambiguous names with the meaning chosen: a line each, with the way to change it.
  public private(set) var warnings: [String]
  /// The items in the order in which they were named, with repeats; nil where that is the order of ``items``. May name
  /// items that were filtered out since.
  public let rows: [Row]?
  /// The names of the user's own columns in a manifest.
  public let ownColumns: [String]

  /// The number of files skipped because they hold neither JPEG nor PNG.
  public var skippedFiles: Int { skipped.count }

  /// A list of known items. Sorts them; of equal paths the first stays.
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

  /// The names of the classes, sorted by bytes (so `10` comes before `2`): the order of class indices
  /// everywhere.
  public var classNames: [String] { items.classNames }

  /// The path of an item's file.
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

  /// The same items, with these groups in the items' order if there are any, and with further warnings.
  package func applying(_ groups: [String?]?, warnings: [String]) -> ImageList {
    var list = self
    for (index, group) in (groups ?? []).enumerated() { list.items[index].group = group }
    list.warnings += warnings
    return list
  }
}

extension ImageList {
  /// The stored items in the order in which they were named, with the fields of the user's own columns.
  ///
  /// - Parameter stored: each item of the list once, in any order.
  public func inGivenOrder(_ stored: [StoredItem]) -> [(item: StoredItem, ownFields: [String])] {
    guard let rows else { return stored.map { ($0, []) } }
    let places = stored.map(\.item.path).placesByBytes
    return rows.compactMap { row in places[ByteKey(row.path)].map { (stored[$0], row.ownFields) } }
  }
}
