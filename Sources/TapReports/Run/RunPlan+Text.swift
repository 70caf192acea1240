// The plan of a pipeline for a terminal.

import TapFeatures
import TapRun
import TapText
import TapTraining

extension RunPlan {
  /// Sentences about searches that take long, with names of settings in backquotes.
  package var longTexts: [String] { sources.compactMap { $0.search?.longText } }

  /// The plan for a terminal.
  package var text: String {
    var counts = ["\(NumberText.grouped(partition.training.count)) training images"]
    if !partition.validation.isEmpty {
      counts.append("\(NumberText.grouped(partition.validation.count)) validation images")
    }
    counts.append("\(NumberText.grouped(partition.test.count)) test images")
    var lines = [
      "\(configuration.name): \(classNames.count) classes, \(counts.joined(separator: ", "))",
      "backbone     \(configuration.backbones.joined(separator: ", "))",
      "classifiers  \(configuration.training.map(\.model.kind.title).joined(separator: ", "))",
    ]
    for source in sources {
      let estimate = source.estimate
      let time = estimate.seconds.map { ", about \(NumberText.significant(max(1, $0.rounded()))) s" } ?? ""
      lines += [
        source.source.title + (source.backbone.map { ", \($0)" } ?? "") + ":",
        "  columns    \(source.columns.count): \(source.columns.map(\.name).joined(separator: ", "))",
        "  store      \(estimate.path)",
        "  compute    \(NumberText.grouped(estimate.images)) images, and new columns for "
          + "\(NumberText.grouped(estimate.rowsToFill)) rows: \(NumberText.bytes(estimate.bytes)) of "
          + "\(NumberText.bytes(estimate.freeBytes)) free\(time)",
      ]
      guard let search = source.search else { continue }
      lines.append("  search     \(search.text)")
      if let nested = search.nestedText { lines.append("  nested     \(nested)") }
    }
    for (kind, path) in [
      ("report", configuration.report), ("record", configuration.record), ("model", configuration.model),
    ] {
      if let path { lines.append(kind + String(repeating: " ", count: 13 - kind.count) + path) }
    }
    lines.append("Nothing was computed or written (--dry-run).")
    return lines.joined(separator: "\n")
  }
}
