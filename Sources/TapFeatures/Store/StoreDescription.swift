// store.json: the description of a store's contents. A write replaces the whole file, so a reader finds either the old
// or the new version.

import TapFileSystem
import TapFormats
import TapProvenance

/// The contents of store.json.
struct StoreDescription: Hashable, Sendable {
  /// The format that this program writes. It is also the latest format that this program reads.
  static let format = 1

  var identity: BackboneIdentity
  /// The columns, in the order in which they were added.
  var columns: [StoredColumn]

  var text: String {
    JSONValue.object([
      "format": .integer(Self.format),
      "identity": identity.json,
      "identityHash": .string(identity.hash),
      "columns": .array(
        columns.map { stored in
          var fields = stored.column.json.objectValue ?? [:]
          fields["file"] = .string(stored.fileName)
          fields["dimensions"] = .integer(stored.dimensions)
          return .object(fields)
        }),
    ]).pretty + "\n"
  }

  init(identity: BackboneIdentity, columns: [StoredColumn]) {
    self.identity = identity
    self.columns = columns
  }

  /// Reads the description of the store in `folder`.
  init(in folder: StoreFolder) throws(FeatureError) {
    let path = folder.description
    let bytes = try onFiles { () throws(FileSystemError) in
      try FileSystem.read(path, atMost: FileSystem.documentLimit)
    }
    do {
      let json = try JSONValue.parse(bytes)
      let format = try json.int("format")
      guard format <= Self.format else {
        throw FeatureError.laterFormat(path: folder.path, format: format, known: Self.format)
      }
      guard format >= 1 else { throw FeatureError.damaged(path: path, problem: "the format is \(format)") }
      identity = try BackboneIdentity(json: .object(try json.object("identity")))
      guard try json.string("identityHash") == identity.hash else {
        throw FeatureError.damaged(path: path, problem: "identityHash is not the hash of identity")
      }
      columns = []
      for entry in try json.array("columns") {
        let stored = StoredColumn(column: try Column(json: entry), dimensions: try entry.int("dimensions"))
        // So many values of the most rows that rows.bin can have are less than 2^63 bytes.
        guard stored.dimensions >= 1, stored.dimensions <= 1 << 31 else {
          throw FeatureError.damaged(path: path, problem: "a column has \(stored.dimensions) dimensions")
        }
        guard try entry.string("file") == stored.fileName else {
          throw FeatureError.damaged(
            path: path, problem: "the column \(stored.column.name) must be in the file \(stored.fileName)")
        }
        guard !columns.contains(where: { $0.column == stored.column }) else {
          throw FeatureError.damaged(path: path, problem: "the column \(stored.column.name) is there twice")
        }
        columns.append(stored)
      }
    } catch let error as FeatureError {
      throw error
    } catch {
      throw .damaged(path: path, problem: "\(error)")
    }
  }
}

/// The paths of a store's files.
struct StoreFolder: Hashable, Sendable {
  let path: String

  var description: String { path + "/store.json" }
  var layers: String { path + "/layers.json" }
  var keys: String { path + "/rows.bin" }
  var items: String { path + "/items.csv" }
  /// The file that records the source of items.csv. Its name begins with a dot, like the names of all files that
  /// readers ignore.
  var listOrigin: String { path + "/.list.json" }
  /// The record of a shard; a store of a whole list has no such file.
  var shard: String { path + "/shard.json" }
  var lock: String { path + "/lock" }
  var runs: String { path + "/runs" }
  var features: String { path + "/features" }

  /// `kept` is the folder of a new store that will replace this store. `dropped` is the folder in which this store then
  /// waits for its removal.
  var kept: String { beside(".kept") }
  var dropped: String { beside(".dropped") }
  /// The folder in which a compaction writes the new store, and in which this store then waits for its removal.
  var compacting: String { beside(".compacting") }

  private func beside(_ ending: String) -> String {
    FileSystem.join(FileSystem.parent(of: path), "." + FileSystem.name(of: path) + ending)
  }

  func values(_ stored: StoredColumn) -> String { "\(features)/\(stored.fileName).npy" }
  func partialValues(_ stored: StoredColumn) -> String { "\(features)/\(stored.fileName).partial" }
  func checksums(_ stored: StoredColumn) -> String { "\(features)/\(stored.fileName).crc" }
}
