// The images in a store's list, and the rows that belong to no image of the list.

import LayerTap
import TapFormats
import TapReports
import TapText

/// The list of a store, in words.
struct StoreList {
  let items: [StoredItem]
  /// The number of rows that belong to no item of the list.
  let rowsBeside: Int
  private let path: String
  private let origin: ListOrigin?
  /// The shard that the store is; nil for a store of a whole list, and for a damaged record.
  private let shard: Shard?

  init(_ store: FeatureStore, _ items: [StoredItem]) {
    self.items = items
    path = store.path
    rowsBeside = store.rowCount - Set(items.compactMap(\.row)).count
    origin = store.listOrigin()
    shard = try? store.shard()
  }

  /// The list in words: `24 images of /data/photos, from 'layertap extract photos --limit 24'`.
  var text: String {
    var text = items.count == 1 ? "1 image" : "\(NumberText.grouped(items.count)) images"
    if let shard { text = "shard \(shard.text), \(text)" }
    if let origin {
      text += " of \(origin.folder)"
      if !origin.command.isEmpty {
        // The path of the program may be long, so only its name is shown.
        let words = ["layertap"] + origin.command.dropFirst()
        text += ", from '\(words.map { ShellText.quoted(Array($0.utf8)) }.joined(separator: " "))'"
      }
    }
    return text
  }

  /// Warns about the rows that the store's list leaves out, and about a shard, which has only a part of its list.
  ///
  /// - Throws: ``CommandError/strict(_:)``.
  func warnOfRest(_ console: Console) throws(CommandError) {
    if let shard {
      try console.warn(
        "\(path) is shard \(shard.text) and has only a part of its list ('layertap store merge' makes one store of all shards)."
      )
    }
    guard rowsBeside > 0 else { return }
    try console.warn(
      "\(path): its list has \(text); \(NumberText.grouped(rowsBeside)) more rows belong to none of them and are left out "
        + "('layertap extract' of other images changes the list).")
  }

  var json: JSONValue {
    .object([
      "images": .integer(items.count), "shard": shard.map { .string($0.text) } ?? .null,
      "rowsBeside": .integer(rowsBeside),
      "folder": origin.map { .string($0.folder) } ?? .null,
      "command": origin.map { .array($0.command.map(JSONValue.string)) } ?? .null,
    ])
  }
}
