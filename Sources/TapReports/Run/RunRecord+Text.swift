// The tables of a pipeline's results, for a terminal.

import TapComparison
import TapMetrics
import TapRun
import TapText
import TapTraining

extension RunRecord {
  /// The tables: the comparison on the training part, and the results on the test images.
  package var text: String {
    var parts = [headline, selectionHeading + "\n\n" + selectionTable.text, legend]
    let lines = sources.map { "\(name(of: $0))\n  \(firstLine(of: $0))" }
    parts.append(testHeading + "\n\n" + lines.joined(separator: "\n"))
    if let worst = pretrained.comparison.worstClass {
      parts.append("\(name(of: pretrained)), worst class: \(worst)")
    }
    if let corrected = pretrained.comparison.correctedText {
      parts.append("\(name(of: pretrained)), corrected for the choice\n  \(corrected)")
    }
    if let nested = pretrained.comparison.nested {
      parts.append("\(name(of: pretrained)), chosen anew without each fold\n  nested \(nested.text)")
    }
    let comparisons = sources.dropLast().map { worth(over: $0) }
    if !comparisons.isEmpty { parts.append(comparisons.joined(separator: "\n")) }
    if let learningCurves { parts.append(learningCurves) }
    parts += warnings
    return parts.joined(separator: "\n\n")
  }

  /// The first line: `surfaces: 12 classes, 288 training images, 144 test images`.
  var headline: String {
    let validation =
      images.validation > 0 ? ", \(NumberText.grouped(images.validation)) validation images" : ""
    return "\(configuration.name): \(images.classNames.count) classes, "
      + "\(NumberText.grouped(images.training)) training images\(validation), "
      + "\(NumberText.grouped(images.test)) test images"
  }

  /// The method of choosing C, in words.
  var selectionHeading: String {
    let by =
      images.validation > 0
      ? "on the validation split\(pretrained.comparison.criterion == .accuracy ? "" : " (\(pretrained.comparison.criterion.title))")"
      : "by \(method.text) on the training images alone"
    return "These numbers chose \(searched), \(by); * is the choice:"
  }

  /// The things that were searched for: `C and layer`, `the layer and the classifier`.
  var searched: String {
    return switch (configuration.training.contains(where: \.searchesC), configuration.training.count > 1) {
    case (true, true): "C, layer and classifier"
    case (true, false): "C and layer"
    case (false, true): "layer and classifier"
    case (false, false): "the layer"
    }
  }

  var testHeading: String {
    "The test images were used once, after these choices, by the choice (*) of each group:"
  }

  private var selectionTable: TextTable {
    var table = TextTable([
      ("", .left), ("features", .left), ("classifier", .left), ("dimensions", .right), ("C", .right),
      ("ms", .right), ("accuracy", .right), ("95 % interval", .right),
    ])
    for source in sources {
      for (index, entry) in source.entries.enumerated() {
        table.add([
          source.comparison.mark(index), name(of: entry, in: source), entry.classifier.rawValue,
          NumberText.grouped(entry.dimensions), NumberText.significant(entry.selection.chosen.c),
          entry.milliseconds.map { NumberText.fixed($0, digits: 2) } ?? "",
          AccuracyText.share(entry.accuracy), AccuracyText.interval(entry.accuracy),
        ])
      }
      for baseline in source.comparison.baselines {
        table.add([
          source.comparison.isWorse(baseline) ? "" : "~", name(of: baseline, in: source), Comparison.neighbors,
          NumberText.grouped(baseline.dimensions), "k \(baseline.chosen.k)",
          baseline.milliseconds.map { NumberText.fixed($0, digits: 2) } ?? "",
          AccuracyText.share(baseline.chosen.accuracy), AccuracyText.interval(baseline.chosen.accuracy),
        ])
      }
    }
    return table
  }

  /// The meaning of the signs in the table.
  private var legend: String {
    "~ not told apart from the choice (*) of its group by these images (McNemar's exact test, corrected by Holm, p ≥ 0.05); "
      + "ms: one image up to the layer, one thread"
      + (pretrained.comparison.combinationText.map { "\n" + $0 } ?? "")
  }

  /// The learning curves side by side; nil if the record has no learning curves.
  private var learningCurves: String? {
    let curves = sources.compactMap { source in source.comparison.learningCurve.map { (source, $0) } }
    guard let first = curves.first?.1 else { return nil }
    var table = TextTable(
      [("images per class", .right), ("draws", .right)]
        + curves.map { ($0.0.source.title, TextTable.Alignment.right) })
    for (index, point) in first.points.enumerated() {
      table.add(
        [NumberText.grouped(point.rowsPerClass), "\(point.draws.count)"]
          + curves.map { curve in
            let point = curve.1.points[index]
            return "\(NumberText.percent(point.mean)) % (\(NumberText.percent(point.interval.lower))-"
              + "\(NumberText.percent(point.interval.upper)))"
          })
    }
    return
      "Learning curves of the choices, accuracy on the test images (mean of the draws, 95 % interval):\n\n"
      + table.text
  }

  /// The name of an entry: `pretrained, blocks.4-avg`. The baseline of pixels has no name of a column.
  func name(of entry: Comparison.Entry, in source: SourceResult) -> String { name(entry.name, in: source) }

  func name(of baseline: NeighborBaseline, in source: SourceResult) -> String { name(baseline.name, in: source) }

  private func name(_ column: String, in source: SourceResult) -> String {
    if case .pixels = source.source { return source.source.title }
    return "\(source.source.title), \(column)"
  }

  func name(of source: SourceResult) -> String {
    let name = name(of: source.chosen, in: source)
    return configuration.training.count > 1 ? "\(name), \(source.chosen.classifier.title)" : name
  }

  func firstLine(of source: SourceResult) -> String {
    AccuracyText.firstLine(
      accuracy: source.test.accuracy, counted: "test images", majority: source.test.majority)
  }

  /// The gain by pretraining over a baseline, in points of test accuracy and in images.
  func worth(over baseline: SourceResult) -> String {
    let points = (pretrained.test.accuracy.value - baseline.test.accuracy.value) * 100
    let parting = parting(from: baseline)
    return
      "pretrained over \(baseline.source.title): \(points < 0 ? "" : "+")\(NumberText.fixed(points, digits: 1)) "
      + "points (\(parting.onlyPretrained) images right that it gets wrong, \(parting.onlyBaseline) the other way "
      + "round)"
  }

  /// A sentence about values of C that the searches of all sources skipped, with names of settings in backquotes. The
  /// value is nil if the searches tried all values.
  package var untriedText: String? {
    UntriedValues(sources.map(\.comparison.untried)).text(
      counted: configuration.training.count > 1 ? "searches" : "columns")
  }

  /// Sentences about classes that the pretrained classifier never predicts.
  var lostClasses: [String] {
    [
      ClassRecalls(pretrained.test, counted: "test images").neverPredicted,
      pretrained.comparison.neverPredicted,
    ]
    .compactMap(\.self)
  }

  /// Warnings that a reader needs before relying on the results.
  package var warnings: [String] {
    var warnings = lostClasses + pretrained.comparison.best.missingEstimates
    if images.inSeveralSplits > 0 {
      warnings.append(
        "Beware: \(images.inSeveralSplits) image\(images.inSeveralSplits == 1 ? " lies" : "s lie") in more than one split."
      )
    }
    if !images.unreadable.isEmpty {
      warnings.append(
        "\(images.unreadable.count) files could not be read, among them \(images.unreadable[0]).")
    }
    warnings += pretrained.comparison.combinationWarnings
    for source in sources {
      for entry in source.entries where !entry.selection.chosen.converged {
        warnings.append("A fit of \(name(of: entry, in: source)) stopped before its tolerance.")
      }
    }
    return warnings
  }
}
