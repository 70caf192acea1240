// The HTML page of `evaluate`.

import TapClassifier
import TapText
import TapTraining

/// A page with the results of a classifier on images that were not used in its training.
package struct EvaluationPage {
  private let classifier: Classifier
  private let evaluation: Evaluation
  private let counted: String
  private let top: Int?
  private let images: ThumbnailSource?

  /// - Parameters:
  ///   - counted: the noun for the classified items, in the plural: `test images`.
  ///   - top: the k of top-k accuracy; nil means the default.
  ///   - images: the source of the images; nil if the data has no images.
  package init(
    _ classifier: Classifier, _ evaluation: Evaluation, counted: String, top: Int? = nil,
    images: ThumbnailSource?
  ) {
    self.classifier = classifier
    self.evaluation = evaluation
    self.counted = counted
    self.top = top
    self.images = images
  }

  /// - Parameters:
  ///   - model: the classifier's file.
  ///   - data: the name of the evaluated data, as the user gave it.
  ///   - findings: the lines of an audit in short.
  ///   - warnings: the program's warnings.
  package func html(
    model: String, data: String, findings: [String] = [], warnings: [String], origin: ReportOrigin
  ) -> String {
    var page = HTMLDocument(title: "\(model) on \(data)")
    let lost = ClassRecalls(evaluation, counted: counted).neverPredicted
    if let lost { page.addWarning(lost) }
    let headline = evaluation.headline(counted: counted)
    page.addLead(headline[0])
    for line in headline.dropFirst() { page.addWarning(line) }
    for line in findings { page.addParagraph("Audit: \(line).") }
    for warning in warnings where warning != lost { page.addWarning(warning) }
    page.addParagraph(
      "\(evaluation.classNames.count) classes; the classifier reads "
        + (classifier.source.map { "\($0.name) of \($0.identity.backbone)" } ?? "a matrix of features")
        + ".")
    if let worst = evaluation.worstClass(classifier, counted: counted) {
      page.addParagraph("Worst class: \(worst).")
    }
    page.addEvaluation(evaluation, counted: counted, top: top, images: images)
    page.addSearch(classifier.training)
    page.addReproduction(
      of: classifier, origin: origin,
      further: HTMLDocument.hash(ofModel: model) + [
        (
          "evaluated on",
          "\(NumberText.grouped(evaluation.labels.count)) \(counted), SHA-256 \(evaluation.dataHash)"
        )
      ])
    return page.text
  }
}
