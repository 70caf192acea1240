// The plan of a command that extracts and trains.

import LayerTap
import TapReports
import TapText

/// The plan of `train` and `compare`, in words.
struct DryRun {
  /// The backbone of this plan; nil unless several backbones are compared.
  var backbone: String?
  /// The way to resize images in this plan; nil unless several ways to resize are compared.
  var resize: String?
  /// The cost of the extraction; nil if the features exist.
  var estimate: ExtractionEstimate?
  let columns: [String]
  let partition: Partition
  let classes: [String]
  /// The cost of the search over all ways to resize, printed with the last plan.
  let search: SearchEstimate?

  var text: String {
    var parts = ["\(NumberText.grouped(partition.training.count)) training images"]
    if !partition.validation.isEmpty {
      parts.append("\(NumberText.grouped(partition.validation.count)) validation images")
    }
    if !partition.test.isEmpty { parts.append("\(NumberText.grouped(partition.test.count)) test images") }
    if partition.unlabeled > 0 {
      parts.append("\(NumberText.grouped(partition.unlabeled)) without a label, left out")
    }
    if partition.weightless > 0 {
      parts.append("\(NumberText.grouped(partition.weightless)) of weight 0, left out")
    }
    var lines = backbone.map { ["backbone     \($0)"] } ?? []
    lines += resize.map { ["resize       \($0)"] } ?? []
    lines += [
      "classes      \(classes.count): \(classes.prefix(20).joined(separator: ", "))\(classes.count > 20 ? ", …" : "")",
      "data         \(parts.joined(separator: ", "))",
      "columns      \(columns.count): \(columns.joined(separator: ", "))",
    ]
    if let estimate {
      let time = estimate.seconds.map { ", about \(NumberText.significant(max(1, $0.rounded()))) s" } ?? ""
      lines += [
        "store        \(estimate.path)",
        "to compute   \(estimate.areSomePerhapsStored ? "at most " : "")\(NumberText.grouped(estimate.images)) images, and new "
          + "columns for \(NumberText.grouped(estimate.rowsToFill)) rows: \(NumberText.bytes(estimate.bytes)) of "
          + "\(NumberText.bytes(estimate.freeBytes)) free\(time)",
      ]
    }
    if let search {
      lines.append("search       \(search.text)")
      if let nested = search.nestedText { lines.append("nested       \(nested)") }
    }
    return (lines + ["Nothing was computed or written (--dry-run)."]).joined(separator: "\n")
  }
}
