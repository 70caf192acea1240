// The result of training, before it becomes a classifier's file.

import TapBackbone
import TapClassifier
import TapImages
import TapLinear
import TapMetrics
import TapProvenance
import TapSelection
import TapSettings
import TapText

/// A model, the column that it was trained on, and the choice of both.
package struct TrainedModel: Sendable {
  /// The result of one column.
  package struct ColumnResult: Sendable {
    /// The column and its matrix.
    package let candidate: LabeledFeatures.Candidate
    /// The values of C that were tried, and the best of them.
    package let selection: Selection

    /// Whether it is better by the criterion on held-out rows, or ties and has a smaller log loss.
    func isBetter(than other: ColumnResult) -> Bool {
      selection.chosen.isBetter(than: other.selection.chosen)
    }
  }

  /// The settings of the training.
  package let settings: TrainingSettings
  /// The items for training, validation and test.
  package let partition: Partition
  /// In the order of class indices.
  package let classNames: [String]
  /// How many training items each class has, without those for validation.
  package let trainingCounts: [Int]
  /// One for each column, in the order given.
  package let results: [ColumnResult]
  /// The best column among ``results``; among ties, the one with the smallest log loss.
  package let chosenIndex: Int
  /// The model of the column that was chosen, fitted with its C.
  package let model: FittedLinearModel
  /// The conversion of scores to probabilities; nil if the settings have none.
  package let calibration: Calibration?
  /// The reason why no image could be held out to judge by; nil if the accuracy is estimated. Without an estimate,
  /// there is no calibration either.
  package let estimateFailure: TrainingError?
  /// The reason for a missing nested estimate that the settings have; else nil.
  package var nestedFailure: TrainingError?
  /// The scores of the held-out images, by fits with the model's settings but without them; nil unless
  /// ``Trainer/keepsHeldOutScores``.
  package let heldOutScores: HeldOutScores?
  /// Whether every fit behind the calibration reached its tolerance; true without a calibration.
  package let isCalibrationConverged: Bool
  /// The number of columns whose C was searched for. The choices of the others were in the store.
  package let searchedColumns: Int
  /// Columns that hold the numbers of an earlier column, and that column; both share one choice.
  package let equalColumns: [(name: String, of: String)]
  /// The keys of items that were fitted on or used to choose.
  package let seen: SeenKeys
  /// For SVMlight text, whether its columns are counted from 0 or from 1.
  package let indexBase: Int?
  /// The extraction settings of the chosen column, as the classifier's file holds them.
  package var summary: TrainingSummary

  /// The column that was chosen, with its model.
  package var chosen: ColumnResult { results[chosenIndex] }

  /// A sentence about columns that count as constant though their values differ; nil if there are none.
  package var tinyColumnsText: String? {
    let count = model.tinyColumns
    guard count > 0 else { return nil }
    return
      "\(NumberText.grouped(count)) column\(count == 1 ? " varies" : "s vary") by less than about 3e-39, too little for single "
      + "precision, and count\(count == 1 ? "s" : "") as constant; multiply the values if they mean something."
  }

  /// A sentence about columns that hold the same numbers as others; nil if there are none.
  package var equalColumnsText: String? {
    guard !equalColumns.isEmpty else { return nil }
    return equalColumns.map { "\($0.name) holds the same numbers as \($0.of)" }.joined(separator: "; ")
      + ": C was searched for once."
  }

  /// A sentence for each estimate that is missing though the settings have it.
  package var missingEstimates: [String] {
    var sentences: [String] = []
    if let why = estimateFailure?.holdingOutText {
      sentences.append(
        "There is no estimate of the accuracy\(settings.calibration == .none ? "" : " and no calibration"): \(why). The model is "
          + "fitted as asked; images held back by hand (test/, or a column 'split') would measure it.")
    }
    if let why = nestedFailure?.holdingOutText { sentences.append("There is no nested estimate: \(why).") }
    return sentences
  }

  /// The deployable classifier.
  ///
  /// - Parameters:
  ///   - identity: the identity that the features depend on; nil for a bare matrix.
  ///   - backbone: computes the golden scores; nil leaves them out.
  /// - Throws: ``ClassifierError``, for example if the backbone is not the identity's.
  package func classifier(
    identity: BackboneIdentity? = nil, backbone: Backbone? = nil
  ) throws(ClassifierError) -> Classifier {
    var source: Classifier.FeatureSource?
    if let identity, let column = chosen.candidate.column {
      source = Classifier.FeatureSource(identity: identity, columns: [column], goldenScores: nil)
    }
    let classifier = try Classifier(
      model, classNames: classNames, source: source, training: summary, calibration: calibration, seen: seen,
      indexBase: indexBase)
    guard source != nil, let backbone else { return classifier }
    return try classifier.withGoldenScores(of: backbone)
  }

  /// The predictions for the images that chose, made while they were held out, by the chosen column with the chosen C.
  ///
  /// This is no test result, because these very images chose. It counts the same items as ``Candidate/accuracy``.
  ///
  /// - Parameter data: the training data.
  package func heldOutConfusion(of data: LabeledFeatures) -> ConfusionMatrix {
    let selection = chosen.selection
    return ConfusionMatrix(
      labels: labels(in: data).classes(of: selection.heldOut), predictions: selection.predictions,
      classCount: classNames.count)
  }

  /// The classes of the rows that training used; other rows have none.
  ///
  /// - Parameter data: the training data.
  package func labels(in data: LabeledFeatures) -> RowLabels {
    data.labels(of: partition.training + partition.validation, classNames: classNames)
  }
}
