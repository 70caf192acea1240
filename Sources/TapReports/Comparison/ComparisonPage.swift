// The HTML page of `compare`.

import TapClassifier
import TapComparison
import TapLinear
import TapMetrics
import TapSelection
import TapText
import TapTraining

/// A comparison as an HTML page.
package struct ComparisonPage {
  private let comparison: Comparison
  private let data: LabeledFeatures
  private let images: ThumbnailSource?

  package init(_ comparison: Comparison, data: LabeledFeatures, images: ThumbnailSource?) {
    self.comparison = comparison
    self.data = data
    self.images = images
  }

  /// - Parameters:
  ///   - source: the name of the compared data, as the user gave it.
  ///   - warnings: the program's warnings, which include the comparison's own warnings.
  package func html(source: String, warnings: [String], origin: ReportOrigin) -> String {
    let best = comparison.entries[comparison.bestIndex]
    let backbones = comparison.entries.map(\.backbone).unique.compactMap(\.self)
    let network = backbones.isEmpty ? data.identity?.backbone ?? "a matrix" : backbones.joined(separator: ", ")
    var page = HTMLDocument(title: "Layers of \(network) on \(source)")
    for warning in comparison.lostClasses { page.addWarning(warning) }
    page.addLead(
      "Best by \(comparison.measure): \(best.name), \(best.classifier.title), "
        + "\(AccuracyText.share(best.accuracy)) (\(AccuracyText.interval(best.accuracy)))")
    if let test = comparison.test {
      page.addParagraph(
        "On images that had no part in the choice: "
          + AccuracyText.firstLine(accuracy: test.accuracy, counted: "test images", majority: test.majority)
          + ".")
    }
    if let nested = comparison.nested {
      page.addParagraph(
        "By nested cross-validation, where no image chose what judged it: \(nested.text).")
    }
    if let text = comparison.correctedText { page.addParagraph("Corrected: \(text).") }
    if let advice = comparison.advice { page.addParagraph(advice.joined(separator: " ")) }
    page.addParagraph(comparison.headline + ".")
    page.addHeading("Accuracy by depth")
    if let chart = depthChart {
      page.addChart(chart)
      if comparison.entries.contains(where: \.isCombination) {
        page.addParagraph("Combinations of columns are in the table, not in the chart.")
      }
    }
    addTable(to: &page)
    for line in comparison.conclusion.split(separator: "\n") { page.addParagraph(String(line)) }
    for warning in warnings where !comparison.lostClasses.contains(warning) { page.addWarning(warning) }
    if let curve = comparison.learningCurve {
      page.addHeading("Learning curve")
      page.addChart(LearningCurveChart([("mean of the draws", curve)]).chart)
      page.addParagraph(
        comparison.curveHeading
          + " means over random parts of the training images, with intervals from the spread between draws and the number "
          + "of held-out images.")
    }
    if let test = comparison.test {
      page.addEvaluation(test, counted: "test images", images: images)
    } else {
      page.addHeldOutConfusion(of: comparison.best, data)
    }
    page.addSearch(comparison.best.summary)
    if let classifier = try? comparison.best.classifier(
      identity: data.prepared(as: comparison.best.chosen.candidate).identity)
    {
      page.addReproduction(of: classifier, origin: origin)
    }
    return page.text
  }

  /// The chart of accuracy by depth without combinations, with one line for each classifier, backbone, way to resize
  /// and pooling.
  private var depthChart: LineChart? {
    let kinds = comparison.entries.map(\.classifier).unique
    let variants = comparison.entries.map { [$0.backbone, $0.resize] }.unique
    let curves = kinds.flatMap { kind in variants.map { (kind, $0) } }.map { kind, variant in
      let own = comparison.entries.enumerated().filter {
        !$0.element.isCombination && $0.element.classifier == kind
          && [$0.element.backbone, $0.element.resize] == variant
      }
      return DepthChart.Curve(
        name: ([kinds.count > 1 ? kind.title : nil] + variant).compactMap(\.self).joined(separator: ", "),
        results: own.compactMap { entry in entry.element.column.map { ($0, entry.element.accuracy) } },
        chosen: own.firstIndex { $0.offset == comparison.bestIndex })
    }
    guard comparison.entries.allSatisfy({ !$0.columns.isEmpty }) else { return nil }
    let measure =
      comparison.partition.validation.isEmpty
      ? "cross-validated accuracy" : "accuracy on the validation split"
    return DepthChart(
      title: "Accuracy by depth", measure: measure, order: DepthChart.order(data.layers, of: data.identity),
      curves: curves
    ).chart
  }

  private func addTable(to page: inout HTMLDocument) {
    page.addTable(
      headings: [
        "", "layer", "classifier", "dimensions", "C", "ms", "MACs, M",
        "accuracy (95 % interval)", "p",
      ],
      rows: comparison.entries.enumerated().map { index, entry in
        HTMLDocument.Row(
          [
            .text(comparison.mark(index)), .text(entry.name), .text(entry.classifier.rawValue),
            .number(NumberText.grouped(entry.dimensions)),
            .number(NumberText.significant(entry.selection.chosen.c)),
            .number(entry.milliseconds.map { NumberText.fixed($0, digits: 2) } ?? "-"),
            .number(entry.multiplyAdds.map { NumberText.fixed(Double($0) / 1e6, digits: 1) } ?? "-"),
            .share(entry.accuracy), .number(comparison.pValueText(index)),
          ], isMarked: index == comparison.bestIndex)
      }
        + comparison.baselines.map { baseline in
          HTMLDocument.Row([
            .text(comparison.isWorse(baseline) ? "" : "~"), .text(baseline.name), .text(Comparison.neighbors),
            .number(NumberText.grouped(baseline.dimensions)), .number("k \(baseline.chosen.k)"),
            .number(baseline.milliseconds.map { NumberText.fixed($0, digits: 2) } ?? "-"), .number("-"),
            .share(baseline.chosen.accuracy), .number(Comparison.pValueText(baseline.adjustedPValue)),
          ])
        })
  }
}
