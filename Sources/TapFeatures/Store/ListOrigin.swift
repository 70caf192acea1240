// `.list.json`: the source of the list in items.csv. Only for people: a store without it is complete.

import TapFileSystem
import TapFormats

/// The source of a store's list.
package struct ListOrigin: Hashable, Sendable {
  /// The folder that was listed, absolute.
  package let folder: String
  /// The command line, the program's name first; empty where a library's caller made the list.
  package let command: [String]

  /// Describes a list.
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

  /// Reads the store's record; nil if there is none, or it is about another list than `items`.
  init?(in folder: StoreFolder, items: [UInt8]) {
    guard let bytes = try? FileSystem.read(folder.listOrigin, atMost: FileSystem.documentLimit),
      let json = try? JSONValue.parse(bytes), json["items"]?.stringValue == SHA256.hash(items).hex,
      let path = json["folder"]?.stringValue
    else { return nil }
    self.init(folder: path, command: json["command"]?.arrayValue?.compactMap(\.stringValue) ?? [])
  }

  /// Replaces items.csv and its record.
  func replace(
    items: [UInt8], in store: StoreFolder, faults: WriteFaults?
  ) throws(FileSystemError) {
    try AtomicWriter.replace(store.items, with: items, faults: faults)
    let json = JSONValue.object([
      "items": .string(SHA256.hash(items).hex), "folder": .string(folder),
      "command": .array(command.map(JSONValue.string)),
    ])
    try AtomicWriter.replace(store.listOrigin, with: json.pretty + "\n", faults: faults)
  }
}

extension FeatureStore {
  /// The source of the list of ``items()``, if the store records it.
  package func listOrigin() -> ListOrigin? {
    guard let bytes = try? FileSystem.read(folder.items) else { return nil }
    return ListOrigin(in: folder, items: bytes)
  }
}
