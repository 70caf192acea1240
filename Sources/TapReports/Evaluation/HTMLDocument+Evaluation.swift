// The part of a page that describes an evaluation. This part has single numbers, the confusion matrix, the result of
// each class, and the mistakes with the highest confidence.

import TapImages
import TapMetrics
import TapText
import TapTraining

extension HTMLDocument {
  /// The number of mistakes that are shown.
  private static let shownMistakes = 24
  /// The largest number of classes for which the table of all classes is shown open. With more classes, the table is
  /// collapsed and the worst classes are shown.
  private static let largestClassTable = 30
  private static let worstClasses = 10

  /// - Parameters:
  ///   - counted: the noun for the classified items, in the plural: `test images`.
  ///   - top: the k of top-k accuracy; nil means the default.
  ///   - images: the source of the images; with nil, a table shows the mistakes.
  mutating func addEvaluation(
    _ evaluation: Evaluation, counted: String, top: Int? = nil, images: ThumbnailSource?
  ) {
    let metrics = evaluation.metrics(top: top, resamples: nil)
    addHeading("Metrics")
    addMetrics(metrics, counted: counted)
    addHeading("Confusion matrix")
    addConfusionMatrix(metrics.confusion, classNames: evaluation.classNames)
    addHeading("Classes")
    addClasses(evaluation, metrics.confusion, counted: counted)
    if let reliability = metrics.reliability {
      addHeading("Reliability")
      addReliability(reliability, counted: counted)
    }
    addHeading("Most confident mistakes")
    addMistakes(evaluation, images)
  }

  private mutating func addMetrics(_ metrics: EvaluationMetrics, counted: String) {
    var rows = [
      Row([.text("accuracy"), .share(metrics.accuracy)]),
      Row([.text("share of the most frequent class"), .share(metrics.majority)]),
      Row([
        .text("balanced accuracy"),
        .text(
          AccuracyText.share(
            metrics.balancedAccuracy, bootstrap: metrics.bootstrap?.balancedAccuracy,
            groups: metrics.bootstrap?.groups)),
      ]),
      Row([
        .text("macro F1"),
        .text(
          AccuracyText.share(
            metrics.macroF1, bootstrap: metrics.bootstrap?.macroF1, groups: metrics.bootstrap?.groups)),
      ]),
      Row([
        .text("weighted F1"),
        .text(
          AccuracyText.share(
            metrics.weightedF1, bootstrap: metrics.bootstrap?.weightedF1, groups: metrics.bootstrap?.groups)),
      ]),
    ]
    if let top = metrics.top { rows.append(Row([.text("top-\(top.k) accuracy"), .share(top.accuracy)])) }
    for (name, value) in [
      ("ROC AUC, one class against the rest", metrics.rocAUC),
      ("average precision, one class against the rest", metrics.averagePrecision),
      ("log loss, in nats", metrics.logLoss), ("Brier score", metrics.brierScore),
    ] {
      if let value { rows.append(Row([.text(name), .text(NumberText.significant(value))])) }
    }
    addTable(headings: ["metric", "value"], rows: rows)
    addParagraph(
      "Over \(NumberText.grouped(metrics.accuracy.count)) \(counted); intervals are Wilson's unless they say otherwise, at 95 %."
    )
  }

  private mutating func addReliability(_ reliability: Reliability, counted: String) {
    addParagraph(
      "For the \(counted) whose class was given a probability in an interval, the table says how many are right. The expected "
        + "calibration error, the mean distance of the two, is "
        + "\(NumberText.percent(reliability.expectedCalibrationError)) %.")
    addTable(
      headings: ["probability", counted, "mean probability", "right (95 % interval)"],
      rows: reliability.bins.filter { $0.accuracy.count > 0 }.map { bin in
        Row([
          .text("\(NumberText.percent(bin.lower))-\(NumberText.percent(bin.upper)) %"),
          .number(NumberText.grouped(bin.accuracy.count)),
          .number("\(NumberText.percent(bin.confidence)) %"), .share(bin.accuracy),
        ])
      })
  }

  private mutating func addClasses(_ evaluation: Evaluation, _ confusion: ConfusionMatrix, counted: String) {
    let headings = ["class", counted, "recall (95 % interval)", "precision", "F1"]
    let scores = confusion.perClass
    let rows = zip(evaluation.classNames, scores).enumerated().map { index, entry in
      let (name, scores) = entry
      return Row([
        .text(name), .number(NumberText.grouped(scores.support)),
        .share(evaluation.recall(of: index)),
        .number("\(NumberText.percent(scores.precision)) %"), .number("\(NumberText.percent(scores.f1)) %"),
      ])
    }
    guard rows.count > HTMLDocument.largestClassTable else {
      addTable(headings: headings, rows: rows)
      return
    }
    let worst = scores.indices.filter { scores[$0].support > 0 }.sorted {
      (scores[$0].f1, $0) < (scores[$1].f1, $1)
    }
    addParagraph("The \(min(HTMLDocument.worstClasses, worst.count)) classes with the lowest F1:")
    addTable(headings: headings, rows: worst.prefix(HTMLDocument.worstClasses).map { rows[$0] })
    addFoldedTable("All \(rows.count) classes", headings: headings, rows: rows)
  }

  // MARK: - Mistakes

  private mutating func addMistakes(_ evaluation: Evaluation, _ images: ThumbnailSource?) {
    let mistakes = evaluation.mostConfidentMistakes
    guard !mistakes.isEmpty else {
      addParagraph("There is not one mistake.")
      return
    }
    let shown = mistakes.prefix(HTMLDocument.shownMistakes)
    let all = mistakes.count == 1 ? "The one mistake" : "All \(NumberText.grouped(mistakes.count)) mistakes"
    addParagraph(
      (shown.count == mistakes.count
        ? "\(all), " : "\(shown.count) of \(NumberText.grouped(mistakes.count)) mistakes, ")
        + "those first to which the classifier gave the largest \(evaluation.kind.scoreName). In bold what it said."
    )
    guard let images else {
      addTable(
        headings: ["predicted", evaluation.kind.scoreName, "is", "path"],
        rows: shown.map { index in
          Row([
            .text(evaluation.classNames[evaluation.predictions[index]]),
            .number(evaluation.confidenceText(index)),
            .text(evaluation.classNames[evaluation.labels[index]]), .text(evaluation.items[index].image.path),
          ])
        })
      return
    }
    addThumbnails(
      shown.map { index in
        var thumbnail = CaptionedImage(
          jpeg: nil, actual: evaluation.classNames[evaluation.labels[index]],
          predicted: evaluation.classNames[evaluation.predictions[index]],
          confidence: evaluation.confidenceText(index), path: evaluation.items[index].image.path)
        switch images.image(of: evaluation.items[index]) {
        case .found(let image, let seen):
          if let seen, seen.areaLeftOut > 0 {
            thumbnail.frame = CaptionedImage.Frame(
              left: seen.left, top: seen.top, width: seen.width, height: seen.height)
          }
          thumbnail.jpeg = image.jpeg
          (thumbnail.width, thumbnail.height) = (image.width, image.height)
        case .absent(let reason): thumbnail.absence = reason
        }
        return thumbnail
      })
  }
}

extension Evaluation {
  /// The indices of wrong predictions, sorted by falling confidence. Predictions of the same confidence keep the order
  /// of the list.
  package var mostConfidentMistakes: [Int] {
    labels.indices.filter { predictions[$0] != labels[$0] }
      .sorted { (confidences[$1], $0) < (confidences[$0], $1) }
  }

  /// The confidence as text: a probability as `97.3 %`, a margin unchanged.
  func confidenceText(_ index: Int) -> String { kind.confidenceText(confidences[index]) }
}
