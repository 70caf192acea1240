// `layertap extract`: computes features of images and stores them on disk.

import LayerTap
import TapFormats
import TapReports
import TapText

extension Command {
  private static let output = Parameter<String?>.optional(
    "output", short: "o", .file, valueName: "file",
    topic: .output, isCommon: true,
    help:
      """
      Also write an aligned matrix F.npy, and F.csv with path, label and split, group and weight if there are any, and \
      a list's own columns; rows are in the order in which images were named, as often as they were.
      """
  )

  private static let shard = Parameter<Shard?>.optional(
    "shard",
    ValueType(
      expectation: "a shard such as 2/7, numbered from 1", choices: [], parse: { Shard($0) }, show: { $0.text }),
    valueName: "i/n", topic: .running,
    help: """
      Extract only part i of n of the list, into a store of its own. 'layertap store merge' makes one store of all n parts, \
      with the bytes of one run.
      """)

  private static let format = Options.format(["text", "json"])

  package static let extract = Command(
    "extract", overview: "Compute features of images and keep them in a store that NumPy opens.",
    discussion: """
      Only what the store lacks is computed; an interrupted extraction goes on where it stopped. Images \
      that cannot be read are left out and listed.
      """,
    details: """
      A file of a folder is an image if its first bytes are those of a JPEG or PNG; others are counted by their \
      endings. Labels come from folder names, or from a list (--labels): a table whose first line names its columns, or a \
      text with a path on each line. With --output a list may name an image several times.
      """,
    parameters: [
      ImageArguments.images.declaration
    ] + Options.features.declarations + Options.lists.declarations + [
      ImageArguments.labels.declaration, output.declaration, FeatureExport.force.declaration,
      Options.limit.declaration, shard.declaration,
    ] + Options.seed.declarations + Options.tune.declarations + [
      Options.dryRun.declaration, format.declaration,
    ]
      + Options.storing + Options.preprocessing.declarations
  ) { arguments, console in
    let export = try arguments[output].map { name throws(UsageError) in try FeatureExport(name) }
    if export != nil, arguments[shard] != nil {
      throw UsageError.contradiction(
        "'--shard' writes a part of the list, and '--output' needs all of it: export from the merged store")
    }
    var list = try ImageArguments.list(arguments, console, keepsRows: export != nil)
    let listed = list
    if let limit = arguments[Options.limit] {
      list = list.drawn(limit, seed: try Options.seed.value(arguments).seed)
    }
    let asked = try Options.features.value(arguments).columns
    let backbone = try Options.tuned(
      Options.loadBackbone(arguments, console, for: asked), arguments, console)
    let columns = try backbone.columns(asked)
    if let export {
      let outputs = try export.outputs(columns)
      try outputs.require(
        apartFrom: [
          try ImageArguments.manifest(arguments)?.path,
          Options.backbone.given(arguments)["backbone"]?.stringValue,
        ])
      try outputs.require(apartFrom: listed)
      try export.requireOwn(columns, ownColumns: list.ownColumns, force: arguments[FeatureExport.force])
      try outputs.requireWritable()
    }
    let task = try ExtractionTask(
      list, shard: arguments[shard], backbone: backbone, columns: columns, arguments, console)
    let extractor = task.extractor
    list = task.list

    if let complete = try task.completeShard() {
      console.print(
        arguments[format] == "json"
          ? json(complete, list, [], console.warnings).pretty : text(complete, []))
      return
    }
    let estimate = try task.estimate(isTimed: arguments[Options.dryRun])
    if arguments[Options.dryRun] {
      console.print(
        arguments[format] == "json"
          ? json(estimate, list, extractor, console.warnings).pretty
          : text(estimate, list, extractor)
      )
      return
    }
    if estimate.images + estimate.rowsToFill > 0 { console.note(text(estimate, list, extractor)) }
    let extraction = try task.run(estimate)
    let outputs =
      try export?.write(extraction.items, of: extractor.columns, in: extraction.store, list: list) ?? []
    console.print(
      arguments[format] == "json"
        ? json(extraction, list, outputs, console.warnings).pretty : text(extraction, outputs))
  }

  // MARK: - Output

  private static func text(
    _ estimate: ExtractionEstimate, _ list: ImageList, _ extractor: FeatureExtractor
  ) -> String {
    let columns = extractor.columns.count
    let work = [
      estimate.images > 0 || estimate.rowsToFill == 0
        ? (estimate.areSomePerhapsStored ? "at most " : "")
          + "\(NumberText.grouped(estimate.images)) of \(NumberText.grouped(list.items.count)) images to compute"
        : nil,
      estimate.rowsToFill > 0
        ? "new columns for \(NumberText.grouped(estimate.rowsToFill)) images that are there" : nil,
    ].compactMap { $0 }.joined(separator: ", ")
    let time = estimate.seconds.map { ", about \(ProgressLine.duration($0))" } ?? ""
    return "\(work), \(columns == 1 ? "1 column" : "\(columns) columns"): "
      + "\(NumberText.bytes(estimate.bytes)) in \(estimate.path)\(time)"
  }

  private static func json(
    _ estimate: ExtractionEstimate, _ list: ImageList, _ extractor: FeatureExtractor, _ warnings: [String]
  ) -> JSONValue {
    .object([
      "store": .string(estimate.path), "items": .integer(list.items.count),
      "images": .integer(estimate.images), "rowsToFill": .integer(estimate.rowsToFill),
      "columns": .array(extractor.columns.map { .string($0.name) }),
      "bytes": .integer(estimate.bytes), "freeBytes": .integer(estimate.freeBytes),
      "seconds": estimate.seconds.map(JSONValue.number) ?? .null,
      "warnings": .array(warnings.map(JSONValue.string)),
    ])
  }

  private static func text(_ extraction: Extraction, _ outputs: [String]) -> String {
    let computed = extraction.computedRows + extraction.filledRows
    var lines = [
      computed == 0
        ? "nothing to compute: all \(NumberText.grouped(extraction.readable.count)) images are in the store"
        : "computed \(NumberText.grouped(computed)) rows for \(NumberText.grouped(extraction.readable.count)) images",
      "\(extraction.store.path): \(NumberText.grouped(extraction.store.rowCount)) rows, columns "
        + extraction.store.columns.map(\.column.name).joined(separator: ", "),
    ]
    if extraction.duplicates > 0 {
      lines.append(
        "\(NumberText.grouped(extraction.duplicates)) images have the same bytes as another and share its row"
      )
    }
    return (lines + outputs).joined(separator: "\n")
  }

  private static func json(
    _ extraction: Extraction, _ list: ImageList, _ outputs: [String], _ warnings: [String]
  ) -> JSONValue {
    .object([
      "store": .string(extraction.store.path), "identityHash": .string(extraction.store.identity.hash),
      "columns": .array(extraction.store.columns.map { .string($0.column.name) }),
      "items": .integer(extraction.items.count), "readable": .integer(extraction.readable.count),
      "rows": .integer(extraction.store.rowCount), "computedRows": .integer(extraction.computedRows),
      "filledRows": .integer(extraction.filledRows), "duplicates": .integer(extraction.duplicates),
      "contentsInSeveralSplits": .integer(extraction.contentsInSeveralSplits),
      "skippedFiles": .integer(list.skippedFiles),
      "skippedEndings": .object(
        Dictionary(
          list.skipped.endings.map { ($0.ending, JSONValue.integer($0.count)) },
          uniquingKeysWith: { first, _ in first })),
      "unmatched": .array(list.unmatched.map(JSONValue.string)),
      "unreadable": .array(
        extraction.unreadable.map { .object(["path": .string($0.path), "reason": .string($0.reason)]) }),
      "outputs": .array(outputs.map(JSONValue.string)),
      "warnings": .array(warnings.map(JSONValue.string)),
    ])
  }
}
