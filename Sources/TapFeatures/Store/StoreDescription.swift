// store.json: the contents of a store. It is replaced as a whole, so it is always one version or the next.

import TapFileSystem
import TapFormats
import TapProvenance

/// The contents of store.json.
struct StoreDescription: Hashable, Sendable {
  /// The format that this program writes and the latest that it reads.
  static let format = 1

  var identity: BackboneIdentity
  /// In the order in which they were added.
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
        guard stored.dimensions >= 1, stored.dimensions <= 1 << 40 else {
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
  /// The source of items.csv; the name begins with a dot, like all files that readers ignore.
  var listOrigin: String { path + "/.list.json" }
  var lock: String { path + "/lock" }
  var runs: String { path + "/runs" }
  var features: String { path + "/features" }

  /// The folder of a new store that will replace this one, and the folder where this one then waits to be removed.
  var kept: String { beside(".kept") }
  var dropped: String { beside(".dropped") }

  private func beside(_ ending: String) -> String {
    FileSystem.join(FileSystem.parent(of: path), "." + FileSystem.name(of: path) + ending)
  }

  func values(_ stored: StoredColumn) -> String { "\(features)/\(stored.fileName).npy" }
  func partialValues(_ stored: StoredColumn) -> String { "\(features)/\(stored.fileName).partial" }
  func checksums(_ stored: StoredColumn) -> String { "\(features)/\(stored.fileName).crc" }
}
