// The same tables as a page, with every setting that they depend on.

import TapProvenance
import TapReports

extension RunRecord {
  /// A self-contained page.
  package var html: String {
    var page = HTMLDocument(title: "LayerTap: \(configuration.name)")
    page.addParagraph(headline)
    page.addHeading("On the test images")
    page.addParagraph(testHeading)
    page.addTable(
      headings: ["features", "dimensions", "C", "accuracy (95 % interval)"],
      rows: sources.map { source in
        HTMLDocument.Row(
          [
            .text(name(of: source)), .number(NumberText.grouped(source.chosen.dimensions)),
            .number(NumberText.significant(source.chosen.c)), .share(source.test.accuracy),
          ], isMarked: source.source == .pretrained)
      })
    page.addParagraph(firstLine(of: pretrained))
    for baseline in sources.dropLast() { page.addParagraph(worth(over: baseline)) }
    page.addHeading("What was chosen, and by which numbers")
    page.addParagraph(selectionHeading)
    page.addTable(
      headings: ["", "features", "dimensions", "C", "accuracy (95 % interval)"],
      rows: sources.flatMap { source in
        source.columns.enumerated().map { index, column in
          HTMLDocument.Row(
            [
              .text(index == source.chosenIndex ? "*" : ""), .text(name(of: column, in: source)),
              .number(NumberText.grouped(column.dimensions)), .number(NumberText.significant(column.c)),
              .share(column.accuracy),
            ], isMarked: index == source.chosenIndex)
        }
      })
    page.addParagraph(
      "Intervals are Wilson's, over the images that were predicted. For the chosen rows they leave out that the "
        + "best of several is a little lucky; the test rows do not have that flaw.")
    for warning in warnings { page.addParagraph(warning) }
    page.addHeading("Classes")
    let scores = pretrained.test.confusion.perClass
    page.addTable(
      headings: ["class", "test images", "recall", "precision", "F1"],
      rows: zip(images.classNames, scores).map { name, score in
        HTMLDocument.Row([
          .text(name), .number(NumberText.grouped(score.support)),
          .number(NumberText.fixed(score.recall, digits: 3)),
          .number(NumberText.fixed(score.precision, digits: 3)),
          .number(NumberText.fixed(score.f1, digits: 3)),
        ])
      })
    page.addHeading("Settings")
    page.addSettings(settings)
    return page.text
  }

  private var settings: [(name: String, value: String)] {
    let identity = pretrained.identity
    let preprocessing = identity.preprocessing
    return [
      ("pipeline file", "SHA-256 \(configuration.fileHash)"),
      ("images", configuration.images),
      ("backbone", identity.backbone),
      ("weights", "SHA-256 \(identity.weightsHash)"),
      (
        "input",
        "\(preprocessing.size)×\(preprocessing.size), \(preprocessing.resize.rawValue), "
          + preprocessing.interpolation.rawValue
      ),
      ("decoder", identity.decoder),
      ("classifier", "logistic regression, standardize \(configuration.standardization.resolved.rawValue)"),
      ("selection", "\(method), seed \(configuration.seed)"),
      ("feature store", configuration.store),
    ]
  }
}
