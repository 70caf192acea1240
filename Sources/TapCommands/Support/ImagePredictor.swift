// The work of `predict` on one image: the scores and, if the user asks for it, their explanation.

import LayerTap
import TapReports

/// Predicts images. With explanations, the predictor explains the predicted class of each image.
struct ImagePredictor: ImageAnswering {
  static let explanations = Parameter<String?>.optional(
    "explain", .folder, valueName: "dir", topic: .output, isCommon: true,
    help: """
      Write a heat map of the parts of each image that its class comes from, and their numbers, as 'layertap explain' does.
      """)

  let images: ImageClassifier
  /// The explainer; nil explains nothing.
  let explained: ExplainedImages?

  /// The scores of an image, and the explanation of the largest score.
  struct Answer: Sendable {
    let scores: [Double]
    /// The distance by the model's measure of novelty; nil if the model has none.
    let distance: Double?
    let explanation: ExplainedImages.Answer?
  }

  var computation: any RowComputation { explained?.computation ?? images.computation }

  func answer(row: Span<Float>, of image: ImageContents) throws(ClassifierError) -> Answer {
    let classifier = images.classifier
    let features = row.extracting(first: classifier.dimensions)
    let explanation = try explained?.answer(row: row, of: image)
    return Answer(
      scores: explanation?.explained.scores ?? classifier.scores(features),
      distance: classifier.novelty?.distance(features), explanation: explanation)
  }
}
