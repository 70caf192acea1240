// layers.json: the layers of the network that computed a store's features. With this file, a reader of the store gets
// the order and the other names of the layers without the network. Stores of earlier program versions have no such
// file, and nothing depends on it.

import TapBackbone
import TapFileSystem
import TapFormats

extension FeatureStore {
  /// The layers of the network; nil if the store has no valid table of them.
  public func layerTable() -> LayerTable? { try? StoredLayers.read(folder, of: identity.hash) }
}

enum StoredLayers {
  /// The format that this program writes. It is also the latest format that this program reads.
  private static let format = 1

  /// Writes the table if the store has no table.
  static func keep(
    _ table: LayerTable, of identityHash: String, in folder: StoreFolder, faults: WriteFaults?
  ) throws(FileSystemError) {
    guard !FileSystem.exists(folder.layers) else { return }
    var fields = table.fields
    fields["format"] = .integer(format)
    fields["identityHash"] = .string(identityHash)
    try AtomicWriter.replace(folder.layers, with: JSONValue.object(fields).pretty + "\n", faults: faults)
  }

  /// Reads the table; nil if there is no file.
  ///
  /// - Throws: the reason why the file does not hold this store's layers.
  static func read(_ folder: StoreFolder, of identityHash: String) throws -> LayerTable? {
    guard FileSystem.exists(folder.layers) else { return nil }
    let json = try JSONValue.parse(FileSystem.read(folder.layers, atMost: FileSystem.documentLimit))
    let found = try json.int("format")
    guard found <= format else {
      throw JSONError.wrongType(field: "format", expected: "at most \(format)", found: "\(found)")
    }
    guard try json.string("identityHash") == identityHash else {
      throw JSONError.wrongType(field: "identityHash", expected: "the store's", found: "another")
    }
    return try LayerTable(json: json)
  }

  /// The problem with the file; nil if the file is valid or does not exist.
  static func problem(_ folder: StoreFolder, of identityHash: String) -> String? {
    do {
      _ = try read(folder, of: identityHash)
      return nil
    } catch {
      return "\(folder.layers): \(error) (only names and costs of layers are in it: delete the file)"
    }
  }
}
