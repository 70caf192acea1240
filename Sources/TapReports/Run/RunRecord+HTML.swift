// The record of a pipeline as an HTML page. The page has the results on the test images, the choices with their
// accuracies, and the mistakes. It also has the settings with the hashes of the inputs.

import TapComparison
import TapFeatures
import TapFileSystem
import TapLinear
import TapRun
import TapText

extension RunRecord {
  /// A self-contained HTML page. The images of mistakes are read from the images' folder, or from the paths that the
  /// store recorded.
  ///
  /// - Parameter warnings: the program's warnings, which include ``warnings``.
  package func html(warnings: [String], origin: ReportOrigin) -> String {
    var page = HTMLDocument(title: configuration.name)
    for warning in lostClasses { page.addWarning(warning) }
    page.addLead(firstLine(of: pretrained))
    page.addParagraph(headline + ".")
    for baseline in sources.dropLast() { page.addParagraph(worth(over: baseline) + ".") }
    if let worst = pretrained.comparison.worstClass {
      page.addParagraph("Worst class of the choice: \(worst).")
    }
    if let corrected = pretrained.comparison.correctedText {
      page.addParagraph("Corrected for the choice: \(corrected).")
    }
    if let nested = pretrained.comparison.nested {
      page.addParagraph(
        "By nested cross-validation, where no image chose what judged it: \(nested.text).")
    }
    for warning in warnings where !lostClasses.contains(warning) { page.addWarning(warning) }
    addTest(to: &page)
    addSelection(to: &page)
    addLearningCurves(to: &page)
    page.addEvaluation(pretrained.test, counted: "test images", images: thumbnails)
    page.addSearch(pretrained.classifier.training)
    page.addReproduction(
      of: pretrained.classifier, origin: origin,
      further: [
        ("pipeline file", "SHA-256 \(configuration.fileHash)"), ("images", configuration.images),
        (
          "evaluated on",
          "\(NumberText.grouped(images.test)) test images, SHA-256 \(pretrained.test.dataHash)"
        ),
        ("feature store", configuration.store),
      ])
    return page.text
  }

  private func addTest(to page: inout HTMLDocument) {
    page.addHeading("On the test images")
    page.addParagraph("They were used once, after every choice, by the choice of each group.")
    page.addTable(
      headings: ["features", "dimensions", "C", "accuracy (95 % interval)"],
      rows: sources.map { source in
        HTMLDocument.Row(
          [
            .text(name(of: source)), .number(NumberText.grouped(source.chosen.dimensions)),
            .number(NumberText.significant(source.chosen.selection.chosen.c)), .share(source.test.accuracy),
          ], isMarked: source.source == .pretrained)
      })
  }

  private func addSelection(to page: inout HTMLDocument) {
    page.addHeading("The choice")
    let measure = images.validation > 0 ? "accuracy on the validation split" : "cross-validated accuracy"
    let depth = DepthChart(
      title: "Accuracy by depth", measure: measure,
      order: DepthChart.order(pretrained.layers, of: pretrained.identity),
      curves: sources.reversed().flatMap { source in
        let backbones = source.entries.map(\.backbone).unique
        return configuration.training.map(\.model.kind).flatMap { kind in
          backbones.map { curve(of: source, kind, $0) }
        }
      })
    if let chart = depth.chart { page.addChart(chart) }
    page.addParagraph(
      "These numbers chose \(searched). Intervals are Wilson's, over the images that were predicted; for the chosen rows "
        + "they leave out that the best of several is a little lucky. The test images do not have that flaw.")
    let rows = sources.flatMap { source -> [HTMLDocument.Row] in
      source.entries.enumerated().map { index, entry in
        HTMLDocument.Row(
          [
            .text(source.comparison.mark(index)), .text(name(of: entry, in: source)),
            .text(entry.classifier.rawValue), .number(NumberText.grouped(entry.dimensions)),
            .number(NumberText.significant(entry.selection.chosen.c)),
            .number(entry.milliseconds.map { NumberText.fixed($0, digits: 2) } ?? ""), .share(entry.accuracy),
          ], isMarked: index == source.comparison.bestIndex)
      }
        + source.comparison.baselines.map { baseline in
          HTMLDocument.Row([
            .text(source.comparison.isWorse(baseline) ? "" : "~"), .text(name(of: baseline, in: source)),
            .text(Comparison.neighbors), .number(NumberText.grouped(baseline.dimensions)),
            .number("k \(baseline.chosen.k)"),
            .number(baseline.milliseconds.map { NumberText.fixed($0, digits: 2) } ?? ""),
            .share(baseline.chosen.accuracy),
          ])
        }
    }
    page.addFoldedTable(
      "All \(rows.count) candidates with their C; * is the choice of each group, ~ is not told apart from it",
      headings: [
        "", "features", "classifier", "dimensions", "C", "ms an image", "\(measure) (95 % interval)",
      ], rows: rows)
  }

  /// The accuracies of one kind of model and one backbone by depth, without combinations of columns.
  private func curve(of source: SourceResult, _ kind: ClassifierKind, _ backbone: String?) -> DepthChart.Curve {
    let own = source.entries.enumerated().filter {
      $0.element.classifier == kind && $0.element.backbone == backbone && !$0.element.isCombination
    }
    let parts = [
      sources.count > 1 || configuration.training.count > 1 ? source.source.title : nil,
      configuration.training.count > 1 ? kind.title : nil, backbone,
    ]
    return DepthChart.Curve(
      name: parts.compactMap(\.self).joined(separator: ", "),
      results: own.compactMap { entry in entry.element.column.map { ($0, entry.element.accuracy) } },
      chosen: source.source == .pretrained
        ? own.firstIndex { $0.offset == source.comparison.bestIndex } : nil)
  }

  private func addLearningCurves(to page: inout HTMLDocument) {
    let curves = sources.reversed().compactMap { source in
      source.comparison.learningCurve.map { (name: name(of: source), curve: $0) }
    }
    guard !curves.isEmpty else { return }
    page.addHeading("Learning curves")
    page.addChart(LearningCurveChart(curves).chart)
    page.addParagraph(
      "Each group's choice, with its C, fitted to random parts of the training images and judged by the "
        + "\(NumberText.grouped(images.test)) test images: means over the draws, with intervals from the spread between draws "
        + "and the number of test images.")
  }

  private var thumbnails: ThumbnailSource {
    let store = FileSystem.join(configuration.store, pretrained.identity.storeName)
    return ThumbnailSource(folder: configuration.images, store: try? FeatureStore(path: store))
  }
}
