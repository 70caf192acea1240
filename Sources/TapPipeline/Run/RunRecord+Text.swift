// The tables of a pipeline, for a terminal.

import TapMetrics
import TapReports

extension RunRecord {
  /// The tables: what was compared on the training part, and what came out on the test images.
  package var text: String {
    var parts = [headline, selectionHeading + "\n\n" + selectionTable.text]
    let lines = sources.map { "\(name(of: $0))\n  \(firstLine(of: $0))" }
    parts.append(testHeading + "\n\n" + lines.joined(separator: "\n"))
    let comparisons = sources.dropLast().map { worth(over: $0) }
    if !comparisons.isEmpty { parts.append(comparisons.joined(separator: "\n")) }
    parts += warnings
    return parts.joined(separator: "\n\n")
  }

  /// `surfaces: 12 classes, 288 training images, 144 test images`.
  var headline: String {
    let validation =
      images.validation > 0 ? ", \(NumberText.grouped(images.validation)) validation images" : ""
    return "\(configuration.name): \(images.classNames.count) classes, "
      + "\(NumberText.grouped(images.training)) training images\(validation), "
      + "\(NumberText.grouped(images.test)) test images"
  }

  /// Which numbers chose, in words.
  var selectionHeading: String {
    let searched = configuration.c == nil ? "C and layer" : "the layer"
    let by =
      images.validation > 0
      ? "on the validation split" : "by \(method) on the training images alone"
    return "These numbers chose \(searched), \(by); * is the choice:"
  }

  var testHeading: String {
    "The test images were used once, after these choices, by the choice (*) of each group:"
  }

  private var selectionTable: TextTable {
    var table = TextTable([
      ("", .left), ("features", .left), ("dimensions", .right), ("C", .right), ("accuracy", .right),
      ("95 % interval", .right),
    ])
    for source in sources {
      for (index, column) in source.columns.enumerated() {
        table.add([
          index == source.chosenIndex ? "*" : "", name(of: column, in: source),
          NumberText.grouped(column.dimensions), NumberText.significant(column.c),
          AccuracyText.share(column.accuracy), AccuracyText.interval(column.accuracy),
        ])
      }
    }
    return table
  }

  /// `pretrained blocks.4-avg`; the pixels have no column to name.
  func name(of column: ColumnResult, in source: SourceResult) -> String {
    if case .pixels = source.source { return source.source.title }
    return "\(source.source.title), \(column.column.name)"
  }

  func name(of source: SourceResult) -> String { name(of: source.chosen, in: source) }

  func firstLine(of source: SourceResult) -> String {
    AccuracyText.firstLine(
      accuracy: source.test.accuracy, counted: "test images", majority: source.test.majority)
  }

  /// What pretraining is worth, in points of test accuracy and in images.
  func worth(over baseline: SourceResult) -> String {
    let points = (pretrained.test.accuracy.value - baseline.test.accuracy.value) * 100
    let parting = parting(from: baseline)
    return
      "pretrained over \(baseline.source.title): \(points < 0 ? "" : "+")\(NumberText.fixed(points, digits: 1)) "
      + "points (\(parting.onlyPretrained) images right that it gets wrong, \(parting.onlyBaseline) the other way "
      + "round)"
  }

  /// What a reader should know before trusting the numbers.
  var warnings: [String] {
    var warnings: [String] = []
    if images.inSeveralSplits > 0 {
      warnings.append(
        "Beware: \(images.inSeveralSplits) image\(images.inSeveralSplits == 1 ? " lies" : "s lie") in more than one split."
      )
    }
    if !images.unreadable.isEmpty {
      warnings.append(
        "\(images.unreadable.count) files could not be read, among them \(images.unreadable[0]).")
    }
    for source in sources {
      for column in source.columns where !column.converged {
        warnings.append("The fit of \(name(of: column, in: source)) stopped before its tolerance.")
      }
    }
    return warnings
  }
}
