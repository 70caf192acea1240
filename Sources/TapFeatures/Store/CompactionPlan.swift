// The rows and the images that a compaction drops. An image is gone if its path leads to no file, or if a given list
// does not name the image. A row is dropped if all its images are gone.

import TapFileSystem
import TapFormats

/// The rule by which a compaction chooses the images that stay.
package struct CompactionRule: Sendable {
  /// The folder of the paths in the store's list; nil for the folder that the store records.
  package var folder: String?
  /// A list of images: only images of this list stay. If it is nil, every image stays whose file exists.
  package var list: String?
  /// Whether a row is dropped if no image of the store's list has it, even if its image is where an earlier run found
  /// it.
  package var dropsUnlisted = false

  /// Creates the rule that drops only rows whose images are gone.
  package init() {}
}

/// The numbers of images and rows that a compaction drops.
package struct CompactionCounts: Hashable, Sendable {
  /// The images in the store's list.
  package fileprivate(set) var items = 0
  /// The images that leave the list.
  package fileprivate(set) var droppedItems = 0
  /// The first paths that leave the list.
  package fileprivate(set) var examples: [String] = []
  /// The rows of the store.
  package fileprivate(set) var rows = 0
  /// The rows that are dropped.
  package fileprivate(set) var droppedRows = 0
  /// The rows that stay although they belong to no image of the new list.
  package fileprivate(set) var unlistedRows = 0
  /// The images of ``CompactionRule/list`` that are not in the store's list.
  package fileprivate(set) var unknownItems = 0
  /// The new columns of an interrupted extraction. The new store does not have their rows.
  package fileprivate(set) var unfinishedColumns = 0

  /// Whether nothing is dropped.
  package var areNone: Bool { droppedItems == 0 && droppedRows == 0 }
}

/// A store with the images and rows that stay.
struct CompactionPlan {
  /// The treatment of a row.
  enum Fate {
    case dropped
    /// An image of the new list has the row.
    case listed
    /// No image of the new list has the row, but its image is where an earlier run found it.
    case unlisted
  }

  let store: FeatureStore
  /// The source of the store's list; nil if the store does not record the source.
  let origin: ListOrigin?
  /// Whether each image of the store's list stays.
  private(set) var keepsItem: [Bool] = []
  private(set) var fates: [Fate]
  /// Whether some image that stays has a weight.
  private(set) var hasWeights = false
  private(set) var counts = CompactionCounts()

  /// Examines the files of a store's list.
  ///
  /// - Throws: ``FeatureError/uncompactable(path:problem:)`` if the store has no list, if the folder of its list is
  ///   unknown, or if no image would stay; ``FeatureError/file(_:)`` if it is unknown whether a file exists.
  init(_ store: FeatureStore, _ rule: CompactionRule, shouldStop: () -> Bool) throws(FeatureError) {
    guard FileSystem.exists(store.folder.items) else {
      throw .uncompactable(path: store.path, problem: "it has no list of images; 'layertap extract' makes one")
    }
    self.store = store
    origin = try Self.origin(of: store, folder: rule.folder)
    fates = Array(repeating: .dropped, count: store.rowCount)
    counts.rows = store.rowCount
    let names = (try? FileSystem.list(store.folder.features)) ?? []
    counts.unfinishedColumns = names.count { FileSystem.fileExtension(of: $0) == "partial" }
    try examineItems(rule.list, shouldStop)
    if rule.list == nil, !rule.dropsUnlisted { try keepUnlistedRows(shouldStop) }
    counts.droppedRows = fates.count { $0 == .dropped }
  }

  private static func origin(of store: FeatureStore, folder: String?) throws(FeatureError) -> ListOrigin? {
    let recorded = store.listOrigin()
    guard let folder else { return recorded }
    let working = try onFiles { () throws(FileSystemError) in try FileSystem.workingDirectory() }
    return ListOrigin(
      folder: FileSystem.normalized(FileSystem.join(working, folder)), command: recorded?.command ?? [])
  }

  private mutating func examineItems(_ list: String?, _ shouldStop: () -> Bool) throws(FeatureError) {
    var wanted: Set<ByteKey>?
    if let list {
      let named = try ImageList(
        manifest: list, folder: origin?.folder, allowsRepeats: true, notesOwnColumns: false)
      wanted = Set(named.items.map { ByteKey($0.path) })
    }
    var items = try ShardItems(store)
    while let stored = try items.next() {
      guard !shouldStop() else { throw .interrupted(rows: store.rowCount, path: store.path) }
      let path = stored.item.path
      let place = try location(of: path)
      let stays: Bool
      if let wanted { stays = wanted.contains(ByteKey(path)) } else { stays = try isFile(place) }
      keepsItem.append(stays)
      if stays {
        if let row = stored.row { fates[row] = .listed }
        hasWeights = hasWeights || stored.item.weight != nil
      } else if counts.examples.count < 3 {
        counts.examples.append(path)
      }
    }
    counts.items = keepsItem.count
    counts.droppedItems = keepsItem.count { !$0 }
    if let wanted { counts.unknownItems = wanted.count - (counts.items - counts.droppedItems) }
    guard counts.items == 0 || counts.droppedItems < counts.items else {
      if let list { throw uncompactable("no image of its list is in \(list)") }
      let example = try location(of: counts.examples[0])
      throw uncompactable(
        "none of the \(counts.items) images of its list is there, such as \(example): make their "
          + "disk available, or name their folder with --images; if they are all gone, remove the store's folder")
    }
  }

  /// The absolute path of an image of the store's list.
  func location(of path: String) throws(FeatureError) -> String {
    guard origin != nil || FileSystem.isAbsolute(path) else {
      throw uncompactable("it does not say in which folder \(path) of its list is: name the folder with --images")
    }
    return FileSystem.join(origin?.folder ?? "", path)
  }

  private func isFile(_ path: String) throws(FeatureError) -> Bool {
    try onFiles { () throws(FileSystemError) in try FileSystem.isFile(path) }
  }

  /// Keeps the rows of no image of the list if their images are where an earlier run found them.
  private mutating func keepUnlistedRows(_ shouldStop: () -> Bool) throws(FeatureError) {
    guard fates.contains(.dropped) else { return }
    let places = RowPlaces(store.folder)
    for row in fates.indices where fates[row] == .dropped {
      guard !shouldStop() else { throw .interrupted(rows: store.rowCount, path: store.path) }
      guard let place = places[store.keys[row]], try isFile(place) else { continue }
      fates[row] = .unlisted
      counts.unlistedRows += 1
    }
  }

  private func uncompactable(_ problem: String) -> FeatureError {
    .uncompactable(path: store.path, problem: problem)
  }
}
