// A comparison as text for a terminal, and as CSV.

import TapComparison
import TapMetrics
import TapSelection
import TapText

extension Comparison {
  /// The whole text: the table with the best entries, the conclusions and the learning curve.
  package var text: String { text(isWhole: false) }

  /// The whole text.
  ///
  /// - Parameter isWhole: whether the table has all entries, in the order of the layers, instead of the best ten.
  package func text(isWhole: Bool) -> String {
    var parts = [headline, tableText(isWhole: isWhole), conclusion]
    if let advice {
      parts.append("advice       " + advice.joined(separator: "\n             "))
    } else if entries.count > 1 {
      parts.append("best         \(title(bestIndex))")
    }
    if let correctedText { parts.append("corrected    \(correctedText)") }
    if let nested { parts.append("nested       \(nested.text)") }
    if let test {
      parts.append(
        AccuracyText.firstLine(accuracy: test.accuracy, counted: "test images", majority: test.majority))
    }
    if !warnings.isEmpty { parts.append(warnings.joined(separator: "\n")) }
    if let learningCurve { parts.append(curveHeading + "\n\n" + learningCurve.table.text) }
    return parts.joined(separator: "\n\n")
  }

  /// The first line: `12 classes, 288 training images, 144 test images; accuracy by 5-fold cross-validation on the
  /// training images`.
  var headline: String {
    var counts = [
      "\(classNames.count) classes", "\(NumberText.grouped(partition.training.count)) training images",
    ]
    if !partition.validation.isEmpty {
      counts.append("\(NumberText.grouped(partition.validation.count)) validation images")
    }
    if !partition.test.isEmpty { counts.append("\(NumberText.grouped(partition.test.count)) test images") }
    return counts.joined(separator: ", ") + "; accuracies by \(measure)"
      + (entries.first?.accuracy.resampled.map { "; intervals \(AccuracyText.drawing($0.groups))" } ?? "")
      + (best.criterionText.map { "; the best by \($0)" } ?? "")
  }

  /// The name of the accuracies.
  var measure: String {
    var record = method
    record.criterion = .accuracy
    return partition.validation.isEmpty
      ? "\(record.text) on the training images alone" : "the validation images"
  }

  /// The name of the baseline in tables.
  static let neighbors = "k-nn"

  /// The mark of an entry, which is a column with a classifier. The best entry has `*`. An entry has `~` if the images
  /// do not show that it is worse than the best entry.
  func mark(_ index: Int) -> String {
    index == bestIndex ? "*" : isWorse(entries[index]) ? "" : "~"
  }

  /// The corrected p-value of an entry against the best entry; a dash for the best entry.
  func pValueText(_ index: Int) -> String {
    index == bestIndex ? "-" : Self.pValueText(entries[index].adjustedPValue)
  }

  static func pValueText(_ value: Double) -> String {
    value < 0.0001 ? "<0.0001" : NumberText.significant(value)
  }

  /// The corrected accuracy, or nil:
  /// `accuracy 95.1 % (93.0-96.6, 95 % by bootstrap) without the luck of the best of 34, which has 96.0 %`.
  var correctedText: String? {
    corrected.map { corrected in
      "accuracy \(AccuracyText.share(corrected.value, bootstrap: corrected.interval)) without the luck of the best of "
        + "\(NumberText.grouped(tried)), which has \(AccuracyText.share(bestEntry.accuracy))"
    }
  }

  /// Warnings about combinations that were not possible, and about an accuracy that is not corrected although the best
  /// entry is a combination.
  var combinationWarnings: [String] {
    if isUncombined {
      return ["Nothing was combined: the best column is the only column of its backbone and way to resize."]
    }
    guard bestEntry.isCombination, corrected == nil, nested == nil else { return [] }
    return [
      "\(bestEntry.name) was chosen among \(NumberText.grouped(tried)) by the log loss, and its accuracy is not corrected for this "
        + "choice. Nested cross-validation or test images measure it."
    ]
  }

  var conclusion: String {
    let equals = entries.indices.count { mark($0) == "~" } + baselines.count { !isWorse($0) }
    let others = entries.count - 1 + baselines.count
    let notes = [combinationText, equalColumnsText].compactMap(\.self).map { "\n" + $0 }.joined()
    return (worstClass.map { "worst class of the best: \($0)\n" } ?? "") + """
      * the best; ~ not told apart from it by the \(NumberText.grouped(best.chosen.selection.heldOut.count)) images that judged \
      (p ≥ 0.05): \(equals) of \(others)
      p: McNemar's exact test against the best, corrected by Holm for \(others) tests
      ms: one image up to the layer, one thread of this machine, without decoding. Intervals are Wilson's and leave out \
      that the best of several is a little lucky.
      """
      + (baselines.isEmpty
        ? ""
        : "\nk-nn: the most frequent class of the k nearest training images by cosine, a baseline that is never chosen.")
      + notes
  }

  /// A sentence about values of C that the searches skipped, with names of settings in backquotes. The value is nil if
  /// the searches tried all values.
  package var untriedText: String? {
    untried.text(counted: Set(entries.map(\.classifier)).count > 1 ? "searches" : "columns")
  }

  /// Sentences about classes that the best entry never predicts, for the test images and for the held-out images.
  var lostClasses: [String] {
    [test.flatMap { ClassRecalls($0, counted: "test images").neverPredicted }, neverPredicted].compactMap(
      \.self)
  }

  /// Warnings about the whole comparison, such as classes that are never predicted and fits that stopped before their
  /// tolerance. The checked fits are the fits behind each entry's accuracy, and the best entry's last fit.
  package var warnings: [String] {
    let early = entries.filter { !$0.selection.chosen.converged }.map {
      "\($0.name) (\($0.classifier.rawValue))"
    }
    var warnings = lostClasses + best.missingEstimates
    if !early.isEmpty {
      warnings.append(
        "At least one fit behind an accuracy stopped before its tolerance, so that it may be a little off: "
          + early.joined(separator: ", ") + ".")
    }
    if let lastFit = ConvergenceWarnings(best).lastFit {
      warnings.append("\(bestEntry.name) (\(bestEntry.classifier.rawValue)): \(lastFit)")
    }
    return warnings + [partition.weightlessText, best.tinyColumnsText].compactMap(\.self) + combinationWarnings
  }

  /// The heading of the learning curve, which names the curve's entry.
  var curveHeading: String {
    let entry = entries[bestIndex]
    let held = learningCurve?.points.first?.draws.first?.count ?? 0
    return
      "Learning curve of \(entry.name), \(entry.classifier.title), "
      + (entry.selection.chosen.c.map { "C \(NumberText.significant($0)), " } ?? "") + "on "
      + "\(NumberText.grouped(held)) held-out images:"
  }

  /// One line for each entry, then one for each baseline. If backbones or ways to resize are compared, `backbone` and
  /// `resize` are the first columns. If there are baselines, `k` follows `c`.
  package var csv: String {
    let isBackboneCompared = entries.contains { $0.backbone != nil }
    let isResizeCompared = entries.contains { $0.resize != nil }
    var headings = isBackboneCompared ? ["backbone"] : []
    if isResizeCompared { headings.append("resize") }
    headings += ["layer", "pooling", "classifier", "dimensions", "c"]
    if !baselines.isEmpty { headings.append("k") }
    headings += ["milliseconds", "multiply_adds", "correct", "count", "accuracy", "lower", "upper"]
    headings += ["p_value", "adjusted_p_value", "converged", "best"]
    var table = TextTable(headings.map { ($0, .left) })

    func cells(
      of entry: Entry, _ classifier: String, c: Double?, k: Int?, _ accuracy: Proportion,
      _ pair: PairedComparison, _ adjusted: Double
    ) -> [String] {
      let interval = accuracy.interval()
      var cells: [String] = []
      if isBackboneCompared { cells.append(entry.backbone ?? "") }
      if isResizeCompared { cells.append(entry.resize ?? "") }
      let taps = entry.columns.map(\.tap).joined(separator: " + ")
      let poolings = entry.columns.map(\.pooling.name).joined(separator: " + ")
      cells += [entry.columns.isEmpty ? entry.name : taps, poolings, classifier]
      cells += ["\(entry.dimensions)", c.map { "\($0)" } ?? ""]
      if !baselines.isEmpty { cells.append(k.map { "\($0)" } ?? "") }
      cells += [entry.milliseconds.map { "\($0)" } ?? "", entry.multiplyAdds.map { "\($0)" } ?? ""]
      cells += ["\(accuracy.successes)", "\(accuracy.count)", "\(accuracy.value)"]
      cells += ["\(interval.lower)", "\(interval.upper)", "\(pair.pValue)", "\(adjusted)"]
      return cells
    }
    for (index, entry) in entries.enumerated() {
      table.add(
        cells(
          of: entry, entry.classifier.rawValue, c: entry.selection.chosen.c, k: nil, entry.accuracy,
          entry.againstBest, entry.adjustedPValue)
          + [entry.selection.chosen.converged ? "1" : "0", index == bestIndex ? "1" : "0"])
    }
    for (index, baseline) in baselines.enumerated() {
      // The entries of one column follow each other.
      let entry = entries[index * (entries.count { !$0.isCombination } / baselines.count)]
      table.add(
        cells(
          of: entry, Self.neighbors, c: nil, k: baseline.chosen.k, baseline.chosen.accuracy,
          baseline.againstBest, baseline.adjustedPValue) + ["1", "0"])
    }
    return table.csv
  }
}

extension LearningCurve {
  /// The learning curve as a table: the accuracy by the number of images of each class.
  package var table: TextTable {
    var table = TextTable([
      ("images per class", .right), ("images", .right), ("draws", .right), ("mean accuracy", .right),
      ("95 % interval", .right), ("spread", .right),
    ])
    for point in points {
      table.add([
        NumberText.grouped(point.rowsPerClass), NumberText.grouped(point.rows), "\(point.draws.count)",
        "\(NumberText.percent(point.mean)) %",
        "\(NumberText.percent(point.interval.lower))-\(NumberText.percent(point.interval.upper))",
        point.draws.count > 1 ? "± \(NumberText.percent(point.deviation))" : "",
      ])
    }
    return table
  }
}
