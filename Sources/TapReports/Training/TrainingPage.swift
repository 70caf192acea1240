// The HTML page of `train`.

import TapClassifier
import TapMetrics
import TapText
import TapTraining

/// An HTML page about a training: the model, the choices and, if images were held back, the results on these images.
package struct TrainingPage {
  /// The largest number of columns for which their table is shown open. With more columns, the table is collapsed,
  /// because the chart shows the columns.
  private static let largestLayerTable = 10

  private let trained: TrainedModel
  private let data: LabeledFeatures
  private let classifier: Classifier
  /// The evaluation on the test part; nil without a test part.
  private let test: Evaluation?
  private let images: ThumbnailSource?

  package init(
    _ trained: TrainedModel, data: LabeledFeatures, classifier: Classifier, test: Evaluation?,
    images: ThumbnailSource?
  ) {
    self.trained = trained
    self.data = data
    self.classifier = classifier
    self.test = test
    self.images = images
  }

  /// - Parameters:
  ///   - model: the path of the classifier's file, which is already written.
  ///   - source: the name of the training data, as the user gave it.
  ///   - estimate: a sentence about the accuracy by which the model was chosen.
  ///   - findings: the lines of an audit in short.
  ///   - warnings: sentences that a reader needs before relying on the results.
  package func html(
    model: String, source: String, estimate: String, findings: [String] = [], warnings: [String], origin: ReportOrigin
  ) -> String {
    var page = HTMLDocument(title: "\(model), trained on \(source)")
    let lost = [
      test.flatMap { ClassRecalls($0, counted: "test images").neverPredicted },
      trained.heldOutRecalls(data).neverPredicted,
    ]
    .compactMap(\.self)
    for warning in lost { page.addWarning(warning) }
    if let test {
      page.addLead(
        AccuracyText.firstLine(accuracy: test.accuracy, counted: "test images", majority: test.majority))
      if trained.estimateFailure == nil { page.addParagraph("While training: \(estimate).") }
    } else {
      page.addLead(estimate)
      if trained.estimateFailure == nil {
        page.addParagraph(
          "There was no test split: this is the estimate that chose, a little too good for that. To measure, hold "
            + "images back (--test-fraction).")
      }
    }
    if let worst = test.map({ $0.worstClass(classifier, counted: "test images") }) ?? trained.worstClass(data) {
      page.addParagraph("Worst class: \(worst).")
    }
    if let text = trained.criterionText { page.addParagraph("Chosen by \(text).") }
    if let nested = classifier.training.nested {
      page.addParagraph(
        "By nested cross-validation, where no image chose what judged it: \(nested.text).")
    }
    for line in findings { page.addParagraph("Audit: \(line).") }
    for warning in warnings where !lost.contains(warning) { page.addWarning(warning) }
    page.addHeading("Data")
    page.addSettings(counts)
    addLayers(to: &page)
    if let test {
      page.addEvaluation(test, counted: "test images", images: images)
    } else {
      page.addHeldOutConfusion(of: trained, data)
    }
    if let threshold = classifier.threshold { page.addThreshold(threshold) }
    page.addSearch(classifier.training)
    page.addReproduction(
      of: classifier, origin: origin, further: HTMLDocument.hash(ofModel: model) + further)
    return page.text
  }

  private var counts: [(name: String, value: String)] {
    let partition = trained.partition
    var counts = [("classes", NumberText.grouped(trained.classNames.count))]
    counts.append(("training images", NumberText.grouped(partition.training.count)))
    if !partition.validation.isEmpty {
      let drawn = partition.validationFraction.map {
        " (drawn: \(NumberText.percent($0)) % of each class)"
      }
      counts.append(
        ("validation images", NumberText.grouped(partition.validation.count) + (drawn ?? "")))
    }
    if !partition.test.isEmpty {
      let drawn: String
      if case .drawn(let fraction, let seed) = partition.origin {
        drawn = " (drawn: \(NumberText.percent(fraction)) % of each class, seed \(seed))"
      } else {
        drawn = ""
      }
      counts.append(("test images", NumberText.grouped(partition.test.count) + drawn))
    }
    if partition.unlabeled > 0 {
      counts.append(("left out, without a label", NumberText.grouped(partition.unlabeled)))
    }
    if partition.weightless > 0 {
      counts.append(("left out, of weight 0", NumberText.grouped(partition.weightless)))
    }
    return counts
  }

  private func addLayers(to page: inout HTMLDocument) {
    guard trained.results.count > 1 else { return }
    page.addHeading("Layers")
    let variants = trained.results.reduce(into: [String?]()) { variants, result in
      let name = result.candidate.variant?.name.text
      if !variants.contains(name) { variants.append(name) }
    }
    let curves = variants.map { name in
      let own = trained.results.enumerated().filter { $0.element.candidate.variant?.name.text == name }
      return DepthChart.Curve(
        name: name ?? "",
        results: own.compactMap { result in
          result.element.candidate.column.map { ($0, result.element.selection.chosen.accuracy) }
        },
        chosen: own.firstIndex { $0.offset == trained.chosenIndex })
    }
    let measure =
      trained.partition.validation.isEmpty ? "cross-validated accuracy" : "accuracy on the validation split"
    let depth = DepthChart(
      title: "Accuracy by depth", measure: measure, order: DepthChart.order(data.layers, of: data.identity),
      curves: curves)
    if trained.results.allSatisfy({ $0.candidate.column != nil }), let chart = depth.chart {
      page.addChart(chart)
    }
    let headings = ["layer", "dimensions", "C", "\(measure) (95 % interval)"]
    let rows = trained.results.enumerated().map { index, result in
      HTMLDocument.Row(
        [
          .text(result.candidate.name), .number(NumberText.grouped(result.candidate.features.columns)),
          .number(NumberText.significant(result.selection.chosen.c)),
          .share(result.selection.chosen.accuracy),
        ], isMarked: index == trained.chosenIndex)
    }
    if rows.count > Self.largestLayerTable {
      page.addFoldedTable("All \(rows.count) candidates with their C", headings: headings, rows: rows)
    } else {
      page.addTable(headings: headings, rows: rows)
    }
  }

  private var further: [(name: String, value: String)] {
    guard let test else { return [] }
    return [
      ("evaluated on", "\(NumberText.grouped(test.labels.count)) test images, SHA-256 \(test.dataHash)")
    ]
  }
}
