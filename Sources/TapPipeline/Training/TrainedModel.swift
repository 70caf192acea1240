// What came of training, before it becomes a classifier's file.

import TapBackbone
import TapClassifier
import TapImages
import TapLinear
import TapProvenance
import TapSelection

/// A model, the column that it was trained on, and how both were chosen.
public struct TrainedModel: Sendable {
  /// How one column did.
  public struct ColumnResult: Sendable {
    public let candidate: LabelledFeatures.Candidate
    public let selection: SelectedModel

    /// Correct predictions on rows held out, for the best C.
    var successes: Int { selection.chosen.accuracy.successes }
  }

  public let partition: Partition
  /// In the order of class indices.
  public let classNames: [String]
  /// One for each column, in the order given.
  public let results: [ColumnResult]
  public let chosenIndex: Int
  public let summary: TrainingSummary

  /// The column that was chosen, with its model.
  public var chosen: ColumnResult { results[chosenIndex] }

  /// The deployable classifier.
  ///
  /// - Parameters:
  ///   - identity: what the features depend on; nil for a bare matrix.
  ///   - backbone: computes the golden scores; nil leaves them out.
  /// - Throws: ``ClassifierError``, among others if the backbone is not the identity's.
  public func classifier(
    identity: BackboneIdentity? = nil, backbone: Backbone? = nil
  ) throws(ClassifierError) -> Classifier {
    var source: Classifier.FeatureSource?
    if let identity, let column = chosen.candidate.column {
      source = Classifier.FeatureSource(identity: identity, column: column, goldenScores: nil)
    }
    let classifier = try Classifier(
      chosen.selection.model, classNames: classNames, source: source, training: summary)
    guard source != nil, let backbone else { return classifier }
    return try classifier.withGoldenScores(of: backbone)
  }
}
