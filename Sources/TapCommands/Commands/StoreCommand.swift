// `layertap store`: shows the contents of a feature store, verifies the store, and writes copies for other programs.

import LayerTap
import TapFileSystem
import TapFormats
import TapReports
import TapText

extension Command {
  package static let store = Command(
    "store", overview: "Look into feature stores, check, merge and compact them, and export from them.",
    subcommands: [storeInfo, storeVerify, storeExport, storeMerge, storeCompact])

  static let storePath = Parameter<String>.positional(
    "store", .folder, help: "A store, or a folder that holds one.")

  private static let format = Options.format(["text", "json"])

  private static let storeInfo = Command(
    "info", overview: "Describe a store: columns, rows, images, identity.",
    parameters: [storePath.declaration, format.declaration]
  ) { arguments, console in
    let summary = try StoreSummary(FeatureStore(path: arguments[storePath]))
    console.print(
      arguments[format] == "json" ? summary.json(warnings: console.warnings).pretty : summary.text)
  }

  private static let storeVerify = Command(
    "verify", overview: "Compare every committed row with its check sum.",
    parameters: [storePath.declaration]
  ) { arguments, console in
    let store = try FeatureStore(path: arguments[storePath])
    let verification = store.verify()
    for problem in verification.problems { console.note(problem) }
    guard verification.problems.isEmpty else {
      throw CommandError.damagedStore(store.path, problems: verification.problems.count)
    }
    console.print(
      "\(store.path): \(NumberText.grouped(verification.rowsChecked)) rows of \(store.columns.count) columns "
        + "fit their check sums")
  }

  private static let output = Parameter<String>.option(
    "output", short: "o", .file, valueName: "file", default: "features.npy",
    topic: .output, isCommon: true,
    help: "The matrix's file; with several columns, each file has its column's name before the extension.")

  private static let exportedLayers = Parameter<[String]>.list(
    "layers", .text, default: ["all"], topic: .features, isCommon: true, help: "The layers to export.")

  private static let exportedPoolings = Parameter<[Pooling]>.list(
    "pool", .selectablePooling, default: Pooling.selectable, topic: .features, isCommon: true,
    help: "The poolings to export.")

  private static let storeExport = Command(
    "export", overview: "Write aligned matrices and their table.",
    discussion: """
      One row per readable image of the store's list, in list order, as float32; beside it F.csv with \
      path, label and split, and group and weight where images have them, one line per row.
      """,
    parameters: [
      storePath.declaration, exportedLayers.declaration, exportedPoolings.declaration, output.declaration,
      FeatureExport.force.declaration,
    ]
  ) { arguments, console in
    let export = try FeatureExport(arguments[output])
    let store = try FeatureStore(path: arguments[storePath])
    guard let items = try store.items() else { throw CommandError.storeWithoutItems(store.path) }
    let columns = try DataInput.columns(
      of: store, layers: arguments[exportedLayers], poolings: arguments[exportedPoolings])
    try StoreList(store, items).warnOfRest(console)
    let outputs = try export.outputs(columns)
    try outputs.require(outside: store.path)
    try export.requireOwn(columns, force: arguments[FeatureExport.force])
    try outputs.requireWritable()
    for path in try export.write(items, of: columns, in: store) { console.print(path) }
  }
}

/// The output of `store info`.
private struct StoreSummary {
  let store: FeatureStore
  let items: [StoredItem]?
  private let list: StoreList?

  init(_ store: FeatureStore) throws(FeatureError) {
    self.store = store
    self.items = try store.items()
    list = items.map { StoreList(store, $0) }
  }

  private var readable: Int { items?.count { $0.row != nil } ?? 0 }

  private var bytes: Int {
    store.rowCount * store.columns.reduce(32) { $0 + 4 * $1.dimensions + 4 }
  }

  private var tuned: String {
    store.identity.algorithms.isEmpty ? "" : "\n  tuned          \(store.identity.algorithms.text)"
  }

  private var listed: String {
    guard let list else { return "" }
    let beside =
      list.rowsBeside > 0 ? "; \(NumberText.grouped(list.rowsBeside)) rows belong to none of them" : ""
    return "\n  list           \(list.text)\(beside)"
  }

  private var classes: Int { (items?.compactMap(\.item.label) ?? []).sortedByBytes.count }

  var text: String {
    var table = TextTable([("layer", .left), ("pooling", .left), ("values", .right), ("file", .left)])
    for stored in store.columns {
      table.add([
        stored.column.tap, stored.column.pooling.name, NumberText.grouped(stored.dimensions),
        "features/\(stored.fileName).npy",
      ])
    }
    let p = store.identity.preprocessing
    let images =
      items.map {
        "\(NumberText.grouped($0.count)) in its list, \(NumberText.grouped(readable)) readable, \(classes) classes"
      } ?? "it has no list: no extraction of its own has ended yet"
    return """
      \(store.path)
        backbone       \(store.identity.backbone)
        preprocessing  \(p.size) x \(p.size), \(p.resize.rawValue), \(p.interpolation.rawValue), \(p.channels.rawValue)
        identity       \(store.identity.hash)
        decoder        \(store.identity.decoder)\(tuned)
        rows           \(NumberText.grouped(store.rowCount)) (\(NumberText.bytes(bytes)))
        images         \(images)\(listed)

      \(table.text)
      """
  }

  func json(warnings: [String]) -> JSONValue {
    .object([
      "path": .string(store.path), "identity": store.identity.json,
      "identityHash": .string(store.identity.hash), "rows": .integer(store.rowCount),
      "bytes": .integer(bytes), "items": items.map { .integer($0.count) } ?? .null,
      "warnings": .array(warnings.map(JSONValue.string)), "list": list?.json ?? .null,
      "readable": .integer(readable), "classes": .integer(classes),
      "columns": .array(
        store.columns.map { stored in
          var fields = stored.column.json.objectValue ?? [:]
          fields["dimensions"] = .integer(stored.dimensions)
          fields["file"] = .string("features/\(stored.fileName).npy")
          return .object(fields)
        }),
    ])
  }
}
