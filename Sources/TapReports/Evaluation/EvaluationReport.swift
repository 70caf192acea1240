// An evaluation as text, CSV and JSON.

import TapClassifier
import TapFormats
import TapMetrics
import TapText
import TapTraining

/// The quality of a classifier, for people and for programs.
package struct EvaluationReport {
  /// The number of pairs of confused classes that the text names.
  private static let shownPairs = 10

  private let evaluation: Evaluation
  private let metrics: EvaluationMetrics
  private let counted: String
  /// The result of the worst class if the classes are unbalanced; otherwise nil.
  private let worstClass: String?
  /// The threshold of the classifier; nil if it has none.
  private let threshold: ProbabilityThreshold?
  /// Another classifier's predictions, for a comparison with the evaluated classifier.
  package var other: PairedComparisonReport?

  /// - Parameters:
  ///   - classifier: the classifier; with nil, the result of the worst class is left out.
  ///   - counted: the noun for the classified items, in the plural: `test images`.
  ///   - top: the k of top-k accuracy; nil means the default.
  ///   - resamples: the number of resamples of the bootstrap; nil means the default.
  package init(
    _ evaluation: Evaluation, _ classifier: Classifier? = nil, counted: String, top: Int? = nil,
    resamples: Int? = nil
  ) {
    self.evaluation = evaluation
    worstClass = classifier.flatMap { evaluation.worstClass($0, counted: counted) }
    threshold = classifier?.threshold
    self.counted = counted
    metrics = evaluation.metrics(top: top, resamples: resamples)
  }

  /// The first line: `accuracy 81.2 % (76.9-84.8, 95 %, 372 test images; majority class 19.6 %)`.
  package var firstLine: String {
    AccuracyText.firstLine(accuracy: metrics.accuracy, counted: counted, majority: metrics.majority)
  }

  /// The whole text: single numbers, a table of classes, and the confused pairs of classes.
  package var text: String {
    let headline =
      (evaluation.headline(counted: counted) + [worstClass.map { "worst class \($0)" }].compactMap(\.self))
      .joined(separator: "\n")
    return ([headline, numbers, perClass] + [confusions, other?.text].compactMap(\.self)).joined(
      separator: "\n\n")
  }

  /// The output for `--format json`.
  ///
  /// - Parameter warnings: the command's warnings.
  package func json(warnings: [String]) -> String { value(warnings: warnings).pretty }

  /// The output for `--format json` as a value.
  ///
  /// - Parameter warnings: the command's warnings.
  package func value(warnings: [String]) -> JSONValue {
    var value = metrics.json(classNames: evaluation.classNames)
    if case .object(var fields) = value {
      if let other { fields["against"] = other.json }
      if let threshold {
        fields["threshold"] = .object([
          "leastProbability": .number(threshold.leastProbability),
          "accuracy": accepted(threshold).map(\.json) ?? .null,
        ])
      }
      fields["warnings"] = .array(warnings.map(JSONValue.string))
      fields["seen"] = evaluation.seenCount.map(JSONValue.integer) ?? .null
      if let unseen = evaluation.unseen { fields["unseen"] = unseen.accuracy.json }
      value = .object(fields)
    }
    return value
  }

  /// The output for `--format csv`.
  package var csv: String { metrics.csv(classNames: evaluation.classNames) + (other?.csv ?? "") }

  private var numbers: String {
    var rows = [
      (
        "balanced accuracy",
        AccuracyText.share(
          metrics.balancedAccuracy, bootstrap: metrics.bootstrap?.balancedAccuracy,
          groups: metrics.bootstrap?.groups)
      ),
      (
        "macro F1",
        AccuracyText.share(
          metrics.macroF1, bootstrap: metrics.bootstrap?.macroF1, groups: metrics.bootstrap?.groups)
      ),
      (
        "weighted F1",
        AccuracyText.share(
          metrics.weightedF1, bootstrap: metrics.bootstrap?.weightedF1, groups: metrics.bootstrap?.groups)
      ),
    ]
    if let top = metrics.top {
      rows.append(
        (
          "top-\(top.k) accuracy",
          "\(AccuracyText.share(top.accuracy)) (\(AccuracyText.interval(top.accuracy)), \(AccuracyText.level(top.accuracy)))"
        ))
    }
    for (name, value) in [
      ("ROC AUC", metrics.rocAUC), ("average precision", metrics.averagePrecision),
      ("log loss", metrics.logLoss), ("Brier score", metrics.brierScore),
    ] {
      if let value { rows.append((name, NumberText.significant(value))) }
    }
    if let reliability = metrics.reliability {
      rows.append(("calibration error", "\(NumberText.percent(reliability.expectedCalibrationError)) %"))
    }
    if let coverage = metrics.coverage {
      let shown = coverage.filter { [0.9, 0.8, 0.5].contains($0.wanted) }.map { part in
        "\(NumberText.percent(part.accuracy.value)) % of the surest \(Int((100 * part.wanted).rounded())) %"
      }
      rows.append(("accuracy", shown.joined(separator: ", ")))
    }
    if let threshold {
      let text = accepted(threshold).map { part in
        "\(NumberText.percent(Double(part.count) / Double(metrics.accuracy.count))) % get a class, "
          + "\(AccuracyText.share(part)) of them right (\(AccuracyText.interval(part)), \(AccuracyText.level(part)))"
      }
      rows.append(("with the threshold", text ?? "no image gets a class"))
    }
    return rows.map { name, value in
      name + String(repeating: " ", count: 19 - name.count) + value
    }.joined(separator: "\n")
  }

  /// The share of right classes among the images that get one with a threshold; nil if no image gets one.
  private func accepted(_ threshold: ProbabilityThreshold) -> Proportion? {
    let accepted = evaluation.confidences.indices.filter {
      evaluation.confidences[$0] >= threshold.leastProbability
    }
    guard !accepted.isEmpty else { return nil }
    let groups = evaluation.items.images.groupIndices
    return Proportion(
      accepted.map { evaluation.predictions[$0] == evaluation.labels[$0] },
      groups: groups.map { groups in accepted.map { groups[$0] } })
  }

  /// Precision, recall and F1 of every class.
  private var perClass: String {
    var table = TextTable([
      ("class", .left), ("images", .right), ("precision", .right), ("recall", .right), ("F1", .right),
    ])
    for (name, scores) in zip(evaluation.classNames, metrics.classes) {
      table.add([
        name, String(scores.support), "\(NumberText.percent(scores.precision)) %",
        "\(NumberText.percent(scores.recall)) %", "\(NumberText.percent(scores.f1)) %",
      ])
    }
    return table.text
  }

  /// The most frequent mistakes; nil if no prediction is wrong.
  private var confusions: String? {
    let pairs = ConfusedPairs.pairs(metrics.confusion)
    guard !pairs.isEmpty else { return nil }
    var table = TextTable([("is", .left), ("taken for", .left), ("images", .right)])
    for pair in pairs.prefix(Self.shownPairs) {
      table.add([
        evaluation.classNames[pair.actual], evaluation.classNames[pair.predicted], String(pair.count),
      ])
    }
    let rest = pairs.dropFirst(Self.shownPairs).reduce(0) { $0 + $1.count }
    return table.text + (rest > 0 ? "\nand \(rest) more mistake\(rest == 1 ? "" : "s") (--format json)" : "")
  }

  /// The predictions as CSV: `path,label,predicted,probability`, one line for each image. For an SVM without
  /// probabilities, the last column has the margin. For a nearest mean without probabilities, the last column has the
  /// similarity.
  package var predictions: String {
    var text = CSV.line(["path", "label", "predicted", evaluation.kind.scoreName])
    for (index, item) in evaluation.items.enumerated() {
      text += CSV.line([
        item.image.path, item.image.label ?? "", evaluation.classNames[evaluation.predictions[index]],
        "\(evaluation.confidences[index])",
      ])
    }
    return text
  }
}
