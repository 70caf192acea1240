// The classifier of the chosen column, without a trace of the columns that it was compared with.

import TapBackbone
import TapClassifier
import TapSettings

extension TrainedModel {
  /// The classifier that a training on the chosen column alone makes. In contrast, the settings of
  /// ``classifier(identity:backbone:)`` name all columns that were compared. For a combination of columns, the settings
  /// name its columns.
  ///
  /// - Parameters:
  ///   - data: the training data.
  ///   - backbone: as in ``classifier(identity:backbone:)``.
  /// - Throws: ``ClassifierError``, for example if the backbone's identity is not that of the data.
  package func classifierOfColumnAlone(
    _ data: LabeledFeatures, backbone: Backbone?
  ) throws(ClassifierError) -> Classifier {
    let prepared = data.prepared(as: chosen.candidate)
    var alone = self
    if var extraction = prepared.extraction, !chosen.candidate.columns.isEmpty {
      extraction.columns = .exact(chosen.candidate.columns)
      alone.summary.settings = ModelSettings(settings, extraction: extraction)
    }
    return try alone.classifier(identity: prepared.identity, backbone: backbone)
  }

  /// The same model with the result of the chosen column alone. The features of other columns can then be freed.
  package var keepingChosen: TrainedModel {
    var result = self
    result.results = [chosen]
    result.chosenIndex = 0
    return result
  }
}
