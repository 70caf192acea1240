// The classifier of the chosen column, without a trace of the columns that it was compared with.

import TapBackbone
import TapClassifier
import TapSettings

extension TrainedModel {
  /// The classifier that a training on the chosen column alone makes. In contrast, the settings of
  /// ``classifier(identity:backbone:)`` name all columns that were compared.
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
    if var extraction = prepared.extraction, let column = chosen.candidate.column {
      extraction.columns = .exact([column])
      alone.summary.settings = ModelSettings(settings, extraction: extraction)
    }
    return try alone.classifier(identity: prepared.identity, backbone: backbone)
  }
}
