// What a pipeline would do, before it does.

import TapFeatures
import TapProvenance
import TapReports

/// The plan of a ``RunConfiguration``.
public struct RunPlan: Sendable {
  /// What one source would cost.
  public struct SourceEstimate: Sendable {
    /// Where features come from.
    public let source: RunRecord.Source
    /// What is tapped.
    public let columns: [Column]
    /// Of the extraction.
    public let estimate: ExtractionEstimate
    /// Of the choice of C.
    public let search: SearchEstimate
  }

  /// What would be run.
  public let configuration: RunConfiguration
  /// What images would be used for.
  public let partition: Partition
  /// In the order of class indices.
  public let classNames: [String]
  /// Baselines first, the pretrained backbone last.
  public let sources: [SourceEstimate]
  /// What was left out of the list of images, or understood in one of several ways.
  public let notes: [String]

  /// What is said of searches that take long; names of settings stand in backquotes.
  package var longTexts: [String] { sources.compactMap(\.search.longText) }

  /// The plan for a terminal.
  package var text: String {
    var counts = ["\(NumberText.grouped(partition.training.count)) training images"]
    if !partition.validation.isEmpty {
      counts.append("\(NumberText.grouped(partition.validation.count)) validation images")
    }
    counts.append("\(NumberText.grouped(partition.test.count)) test images")
    var lines = [
      "\(configuration.name): \(classNames.count) classes, \(counts.joined(separator: ", "))",
      "backbone     \(configuration.backbone)",
      "classifiers  \(configuration.training.map(\.model.kind.title).joined(separator: ", "))",
    ]
    for source in sources {
      let estimate = source.estimate
      let time = estimate.seconds.map { ", about \(NumberText.significant(max(1, $0.rounded()))) s" } ?? ""
      lines += [
        "\(source.source.title):",
        "  columns    \(source.columns.count): \(source.columns.map(\.name).joined(separator: ", "))",
        "  store      \(estimate.path)",
        "  compute    \(NumberText.grouped(estimate.images)) images, and new columns for "
          + "\(NumberText.grouped(estimate.rowsToFill)) rows: \(NumberText.bytes(estimate.bytes)) of "
          + "\(NumberText.bytes(estimate.freeBytes)) free\(time)",
        "  search     \(source.search.text)",
      ]
      if let nested = source.search.nestedText { lines.append("  nested     \(nested)") }
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
