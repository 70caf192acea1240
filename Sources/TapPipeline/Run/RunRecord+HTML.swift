// The record as a page for people: what came out on the test images, what was chosen and by which numbers, the
// mistakes, and the settings with the hashes that they depend on.

import TapFeatures
import TapFileSystem
import TapReports

extension RunRecord {
  /// A self-contained page. Pictures of mistakes are read from the images' folder, or from where the store's
  /// runs met them.
  package func html(origin: ReportOrigin) -> String {
    var page = HTMLDocument(title: configuration.name)
    page.addLead(firstLine(of: pretrained))
    page.addParagraph(headline + ".")
    for baseline in sources.dropLast() { page.addParagraph(worth(over: baseline) + ".") }
    for warning in warnings { page.addWarning(warning) }
    addTest(to: &page)
    addSelection(to: &page)
    page.addEvaluation(pretrained.test, counted: "test images", pictures: pictures)
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
            .number(NumberText.significant(source.chosen.c)), .share(source.test.accuracy),
          ], isMarked: source.source == .pretrained)
      })
  }

  private func addSelection(to page: inout HTMLDocument) {
    page.addHeading("What was chosen")
    let measure = images.validation > 0 ? "accuracy on the validation split" : "cross-validated accuracy"
    let depth = DepthChart(
      title: "Accuracy by depth", measure: measure, order: DepthChart.order(of: pretrained.identity),
      curves: sources.reversed().map { source in
        DepthChart.Curve(
          name: sources.count > 1 ? source.source.title : "",
          results: source.columns.map { ($0.column, $0.accuracy) },
          chosen: source.source == .pretrained ? source.chosenIndex : nil)
      })
    if let chart = depth.chart { page.addChart(chart) }
    page.addParagraph(
      "These numbers chose " + (configuration.c == nil ? "C and layer" : "the layer")
        + ". Intervals are Wilson's, over the images that were predicted; for the chosen rows they leave out that the "
        + "best of several is a little lucky. The test images do not have that flaw.")
    let rows = sources.flatMap { source in
      source.columns.enumerated().map { index, column in
        HTMLDocument.Row(
          [
            .text(index == source.chosenIndex ? "*" : ""), .text(name(of: column, in: source)),
            .number(NumberText.grouped(column.dimensions)), .number(NumberText.significant(column.c)),
            .share(column.accuracy),
          ], isMarked: index == source.chosenIndex)
      }
    }
    page.addFoldedTable(
      "All \(rows.count) candidates with their C; * is the choice of each group",
      headings: ["", "features", "dimensions", "C", "\(measure) (95 % interval)"], rows: rows)
  }

  private var pictures: PictureSource {
    let store = FileSystem.join(configuration.store, pretrained.identity.storeName)
    return PictureSource(folder: configuration.images, store: try? FeatureStore(path: store))
  }
}
