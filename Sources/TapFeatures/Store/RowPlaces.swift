// The path at which a run found each row's image: `runs/<number>.csv`. The paths are only hints: before a file is used,
// the file's content must be compared with the row's key.

import TapFileSystem
import TapFormats

/// The paths of images that runs recorded.
struct RowPlaces: Sendable {
  private static let header = ["key", "path"]

  private let folder: StoreFolder
  /// The absolute path of each content. If several runs recorded a content, the latest record is used.
  private let paths: [Digest: String]

  /// Reads the records of a store. A damaged record is skipped.
  init(_ folder: StoreFolder) {
    self.folder = folder
    var paths: [Digest: String] = [:]
    let names = (try? FileSystem.list(folder.runs)) ?? []
    for name in names where FileSystem.fileExtension(of: name) == "csv" {
      guard let bytes = try? FileSystem.read(FileSystem.join(folder.runs, name)),
        let records = try? CSV.parse(bytes), records.first == Self.header
      else { continue }
      for record in records.dropFirst() where record.count == 2 {
        if let key = Digest(hex: record[0]) { paths[key] = record[1] }
      }
    }
    self.paths = paths
  }

  subscript(_ key: Digest) -> String? { paths[key] }

  /// The first line of a record.
  static var headerLine: String { CSV.line(header) }

  /// The line of a content in a record.
  static func line(_ key: Digest, _ path: String) -> String { CSV.line([key.hex, path]) }

  /// The record of the items whose contents have no recorded path yet, as the text of a file; nil if there are no such
  /// items.
  func record(of items: [StoredItem], in list: ImageList) throws(FileSystemError) -> String? {
    let working = try FileSystem.workingDirectory()
    var text = Self.headerLine
    var recorded: Set<Digest> = []
    for stored in items where stored.row != nil {
      guard let key = stored.key.flatMap(Digest.init(hex:)), paths[key] == nil else { continue }
      guard recorded.insert(key).inserted else { continue }
      text += Self.line(key, FileSystem.join(working, list.location(of: stored.item)))
    }
    return recorded.isEmpty ? nil : text
  }
}
