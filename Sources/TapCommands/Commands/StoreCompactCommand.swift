// `layertap store compact`: drops the rows of images that are gone.

import LayerTap
import TapFormats
import TapReports
import TapText

extension Command {
  private static let images = Parameter<String?>.optional(
    "images", .folder, valueName: "dir", defaultText: "the folder that the store records",
    topic: .data, isCommon: true, help: "The folder of the paths in the store's list, if the images were moved.")

  private static let keep = Parameter<String?>.optional(
    "keep", .file, valueName: "list", topic: .data, isCommon: true,
    help: """
      Keep only the images of this list, which names paths as the store's list does; drop all other rows.
      """)

  private static let dropUnlisted = Parameter<Bool>.flag(
    "drop-unlisted", topic: .data, isCommon: true,
    help: "Drop also the rows of images that are there but not in the store's list.")

  private static let into = Parameter<String?>.optional(
    "into", .folder, valueName: "dir", defaultText: "replace the store", topic: .output, isCommon: true,
    help: "Write the new store into this folder, under its usual name, and leave the old one as it is.")

  private static let format = Options.format(["text", "json"])

  static let storeCompact = Command(
    "compact", overview: "Drop the rows of images that are gone.",
    discussion: """
      An image is gone if its path in the store's list leads to no file. Files are not read: run 'layertap extract' \
      first if some have changed. The new store has the bytes of one run on the images that stay.
      """,
    parameters: [
      storePath.declaration, images.declaration, keep.declaration, dropUnlisted.declaration, into.declaration,
      Options.dryRun.declaration, format.declaration,
    ]
  ) { arguments, console in
    var rule = CompactionRule()
    rule.folder = arguments[images]
    rule.list = arguments[keep]
    rule.dropsUnlisted = arguments[dropUnlisted]
    if rule.list != nil, rule.dropsUnlisted {
      throw UsageError.contradiction("'--keep' drops all rows of other images, with or without '--drop-unlisted'")
    }
    let compaction = try StoreCompaction(arguments[storePath], rule, into: arguments[into])
    if let list = rule.list {
      let unknown = try compaction.examine().unknownItems
      if unknown > 0 {
        try console.warn(
          "images of \(list) outside the store's list: \(NumberText.grouped(unknown)) ('layertap extract' adds them)")
      }
    }
    let isDry = arguments[Options.dryRun]
    var path = compaction.path
    let counts: CompactionCounts
    if isDry {
      counts = try Interruption.stopping { try compaction.examine(shouldStop: { Interruption.requested }) }
    } else {
      let line = ProgressLine("copying", unit: "rows", console: console)
      defer { line.finish() }
      let result = try Interruption.stopping {
        try compaction.run(progress: { line.update($0, of: $1) }, shouldStop: { Interruption.requested })
      }
      path = result.store.path
      counts = result.counts
    }
    console.print(
      arguments[format] == "json"
        ? json(counts, path, isDry: isDry, console.warnings).pretty : text(counts, path, isDry: isDry))
  }

  private static func text(_ counts: CompactionCounts, _ path: String, isDry: Bool) -> String {
    let more = counts.droppedItems > counts.examples.count ? ", …" : ""
    let names = counts.examples.isEmpty ? "" : " (\(counts.examples.joined(separator: ", "))\(more))"
    var lines = [
      "\(path): \(isDry ? "would drop" : "dropped") \(NumberText.grouped(counts.droppedItems)) of "
        + "\(NumberText.grouped(counts.items)) images\(names) and \(NumberText.grouped(counts.droppedRows)) of "
        + "\(NumberText.grouped(counts.rows)) rows"
    ]
    if counts.unlistedRows > 0 {
      lines.append(
        "\(NumberText.grouped(counts.unlistedRows)) rows stay although no image of the list has them, because their "
          + "images are where an earlier run found them (--drop-unlisted drops them)")
    }
    if counts.unfinishedColumns > 0, !counts.areNone {
      lines.append(
        "\(counts.unfinishedColumns) columns of an interrupted extraction \(isDry ? "would start" : "start") anew")
    }
    if isDry { lines.append("Nothing was written (--dry-run).") }
    return lines.joined(separator: "\n")
  }

  private static func json(
    _ counts: CompactionCounts, _ path: String, isDry: Bool, _ warnings: [String]
  ) -> JSONValue {
    .object([
      "store": .string(path), "isDryRun": .bool(isDry), "items": .integer(counts.items),
      "droppedItems": .integer(counts.droppedItems), "rows": .integer(counts.rows),
      "droppedRows": .integer(counts.droppedRows), "unlistedRows": .integer(counts.unlistedRows),
      "unfinishedColumns": .integer(counts.unfinishedColumns), "unknownItems": .integer(counts.unknownItems),
      "warnings": .array(warnings.map(JSONValue.string)),
    ])
  }
}
