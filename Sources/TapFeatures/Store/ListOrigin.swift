// `.list.json`: the source of the list in items.csv. Only people need this file; a store without it is complete.

import TapFileSystem
import TapFormats

/// The source of a store's list.
package struct ListOrigin: Hashable, Sendable {
  /// The absolute path of the folder that was listed.
  package let folder: String
  /// The command line, which begins with the program's name. Empty if the list was made by a caller of the library.
  package let command: [String]

  /// Creates a description of a list's source.
  package init(folder: String, command: [String]) {
    self.folder = folder
    self.command = command
  }

  init(_ list: ImageList, provenance: [String: JSONValue]) {
    let working = (try? FileSystem.workingDirectory()) ?? ""
    self.init(
      folder: FileSystem.normalized(FileSystem.join(working, list.folder)),
      command: provenance["command"]?.arrayValue?.compactMap(\.stringValue) ?? [])
  }

  /// Reads the store's record; nil if there is no record, or if the record describes another list than `items`.
  init?(in folder: StoreFolder, items: [UInt8]) {
    guard let bytes = try? FileSystem.read(folder.listOrigin, atMost: FileSystem.documentLimit),
      let json = try? JSONValue.parse(bytes), json["items"]?.stringValue == SHA256.hash(items).hex,
      let path = json["folder"]?.stringValue
    else { return nil }
    self.init(folder: path, command: json["command"]?.arrayValue?.compactMap(\.stringValue) ?? [])
  }

  /// Replaces items.csv and the record of its source.
  func replace(
    items: [UInt8], in store: StoreFolder, faults: WriteFaults?
  ) throws(FileSystemError) {
    try AtomicWriter.replace(store.items, with: items, faults: faults)
    try record(itemsHash: SHA256.hash(items).hex, in: store, faults: faults)
  }

  /// Replaces the record of the source of items.csv. `itemsHash` is the SHA-256 of items.csv, in hexadecimal.
  func record(itemsHash: String, in store: StoreFolder, faults: WriteFaults?) throws(FileSystemError) {
    let json = JSONValue.object([
      "items": .string(itemsHash), "folder": .string(folder),
      "command": .array(command.map(JSONValue.string)),
    ])
    try AtomicWriter.replace(store.listOrigin, with: json.pretty + "\n", faults: faults)
  }
}

extension FeatureStore {
  /// The source of the list of ``items()``; nil if the store does not record the source.
  package func listOrigin() -> ListOrigin? {
    guard let bytes = try? FileSystem.read(folder.items) else { return nil }
    return ListOrigin(in: folder, items: bytes)
  }
}
