// The result of a training, from which a classifier's file is then made.

import TapBackbone
import TapClassifier
import TapImages
import TapLinear
import TapMetrics
import TapProvenance
import TapSelection
import TapSettings
import TapText

/// A model, its column, and the choice of column and C.
package struct TrainedModel: Sendable {
  /// The result of one column.
  package struct ColumnResult: Sendable {
    /// The column and its matrix.
    package let candidate: LabeledFeatures.Candidate
    /// The tried values of C, and the best of them.
    package let selection: Selection

    /// Whether this column is better by the criterion on held-out rows, or has the smaller log loss in a tie.
    func isBetter(than other: ColumnResult) -> Bool {
      selection.chosen.isBetter(than: other.selection.chosen)
    }
  }

  /// The settings of the training.
  package let settings: TrainingSettings
  /// The items for training, validation and test.
  package let partition: Partition
  /// The names of the classes, in the order of class indices.
  package let classNames: [String]
  /// The number of training items of each class, not counting validation items.
  package let trainingCounts: [Int]
  /// The results of each column, in the order of the data's candidates.
  package internal(set) var results: [ColumnResult]
  /// The index of the best column in ``results``. In a tie, the column with the smallest log loss is the best.
  package internal(set) var chosenIndex: Int
  /// The model of the chosen column, fitted with the chosen C.
  package let model: FittedLinearModel
  /// The calibration, which turns scores into probabilities; nil if the settings have none.
  package let calibration: Calibration?
  /// The reason why no image could be held out to judge the model; nil if the accuracy is estimated. If there is no
  /// estimate, there is no calibration.
  package let estimateFailure: TrainingError?
  /// The reason why the nested estimate is missing although the settings require it; else nil.
  package var nestedFailure: TrainingError?
  /// The scores of the held-out images. The scores come from fits with the model's settings, but without the held-out
  /// images. The value is nil unless ``Trainer/keepsHeldOutScores`` is true.
  package let heldOutScores: HeldOutScores?
  /// Whether every fit on which the calibration is based reached its tolerance; true without a calibration.
  package let isCalibrationConverged: Bool
  /// The number of columns whose C was searched for. The other choices were in the store, or are those of columns with
  /// the same numbers.
  package let searchedColumns: Int
  /// Pairs of a column and an earlier column that holds the same numbers. Both columns share one choice.
  package let equalColumns: [(name: String, of: String)]
  /// The keys of the items that the model was fitted to, and of the items that judged column and C.
  package let seen: SeenKeys
  /// Whether the columns of SVMlight text are counted from 0 or from 1; nil for other features.
  package let indexBase: Int?
  /// The summary of the training for the classifier's file, with the extraction settings of the chosen column.
  package var summary: TrainingSummary

  /// The result of the chosen column.
  package var chosen: ColumnResult { results[chosenIndex] }

  /// The sentence ``FittedLinearModel/tinyColumnsText`` about the model.
  package var tinyColumnsText: String? { model.tinyColumnsText }

  /// A sentence about columns that hold the same numbers as other columns; nil if there are none.
  package var equalColumnsText: String? {
    guard !equalColumns.isEmpty else { return nil }
    return equalColumns.map { "\($0.name) holds the same numbers as \($0.of)" }.joined(separator: "; ")
      + ": C was searched for once."
  }

  /// A sentence for each estimate that is missing although the settings require it.
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

  /// The classifier for deployment.
  ///
  /// - Parameters:
  ///   - identity: the identity that the features depend on; nil for a matrix without a known backbone.
  ///   - backbone: the network that computes the golden scores; nil if the classifier has no golden scores.
  /// - Throws: ``ClassifierError``, for example if the backbone's identity is not `identity`.
  package func classifier(
    identity: BackboneIdentity? = nil, backbone: Backbone? = nil
  ) throws(ClassifierError) -> Classifier {
    var source: Classifier.FeatureSource?
    if let identity, !chosen.candidate.columns.isEmpty {
      source = Classifier.FeatureSource(
        identity: identity, columns: chosen.candidate.columns, goldenScores: nil)
    }
    let classifier = try Classifier(
      model, classNames: classNames, source: source, training: summary, calibration: calibration, seen: seen,
      indexBase: indexBase)
    guard source != nil, let backbone else { return classifier }
    return try classifier.withGoldenScores(of: backbone)
  }

  /// The predictions of the chosen column with the chosen C for the held-out images. The choice was made with these
  /// images, so the matrix is no test result. The matrix counts the same items as ``Candidate/accuracy``.
  ///
  /// - Parameter data: the training data.
  package func heldOutConfusion(of data: LabeledFeatures) -> ConfusionMatrix {
    let selection = chosen.selection
    return ConfusionMatrix(
      labels: labels(in: data).classes(of: selection.heldOut), predictions: selection.predictions,
      classCount: classNames.count)
  }

  /// The classes of the rows that the training used. Other rows have no class.
  ///
  /// - Parameter data: the training data.
  package func labels(in data: LabeledFeatures) -> RowLabels {
    data.labels(of: partition.training + partition.validation, classNames: classNames)
  }
}

extension FittedLinearModel {
  /// A sentence about columns that count as constant although their values differ slightly; nil if there are none.
  package var tinyColumnsText: String? {
    let count = tinyColumns
    guard count > 0 else { return nil }
    return
      "\(NumberText.grouped(count)) column\(count == 1 ? " varies" : "s vary") by less than about 3e-39, too little for single "
      + "precision, and count\(count == 1 ? "s" : "") as constant; multiply the values if they mean something."
  }
}
