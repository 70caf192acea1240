// `layertap store merge`: makes one store of the shards that several machines extracted.

import LayerTap
import TapFormats
import TapReports
import TapText

extension Command {
  private static let shards = Parameter<[String]>.positionals(
    "shards", .folder, help: "The shards, or folders that hold them; all shards of one list.")

  private static let into = Parameter<String>.option(
    "into", .folder, valueName: "dir", default: StorePlace.name, topic: .output, isCommon: true,
    help: "The folder in which the merged store gets its usual name, as --store of other commands.")

  private static let format = Options.format(["text", "json"])

  static let storeMerge = Command(
    "merge", overview: "Make one store of all shards of a list, with the bytes of one run.",
    discussion: """
      'layertap extract --shard' writes shards. Every value is compared with its check sum. An interrupted merge goes on \
      where it stopped; the shards stay as they are.
      """,
    parameters: [shards.declaration, into.declaration, format.declaration]
  ) { arguments, console in
    let merge = try ShardMerge(arguments[shards], into: arguments[into])
    let line = ProgressLine("merging", unit: "rows", console: console)
    defer { line.finish() }
    let result = try Interruption.stopping {
      try merge.run(progress: { line.update($0, of: merge.rowCount) }, shouldStop: { Interruption.requested })
    }
    line.finish()
    if result.unreadable > 0 {
      try console.warn(
        "\(NumberText.grouped(result.unreadable)) images could not be read and are left out (items.csv names them)")
    }
    console.print(
      arguments[format] == "json"
        ? json(result, merge, console.warnings).pretty
        : "\(result.store.path): \(NumberText.grouped(result.store.rowCount)) rows of "
          + "\(NumberText.grouped(result.items)) images, of \(merge.shards.count) shards")
  }

  private static func json(
    _ result: ShardMerge.Result, _ merge: ShardMerge, _ warnings: [String]
  ) -> JSONValue {
    .object([
      "store": .string(result.store.path), "identityHash": .string(result.store.identity.hash),
      "shards": .integer(merge.shards.count), "items": .integer(result.items),
      "rows": .integer(result.store.rowCount), "unreadable": .integer(result.unreadable),
      "warnings": .array(warnings.map(JSONValue.string)),
    ])
  }
}
