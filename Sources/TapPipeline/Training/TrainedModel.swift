// What came of training, before it becomes a classifier's file.

import TapBackbone
import TapClassifier
import TapImages
import TapLinear
import TapMetrics
import TapProvenance
import TapReports
import TapSelection
import TapSettings

/// A model, the column that it was trained on, and how both were chosen.
public struct TrainedModel: Sendable {
  /// How one column did.
  public struct ColumnResult: Sendable {
    /// The column and its matrix.
    public let candidate: LabelledFeatures.Candidate
    /// The values of C that were tried, and the best of them.
    public let selection: Selection

    /// Whether it is better by the criterion on rows held out, or as good and surer of what is right.
    func isBetter(than other: ColumnResult) -> Bool {
      selection.chosen.isBetter(than: other.selection.chosen)
    }
  }

  /// What was asked for.
  public let settings: TrainingSettings
  /// What was trained on, chosen by, and left for the test.
  public let partition: Partition
  /// In the order of class indices.
  public let classNames: [String]
  /// How many training items each class has, without those for validation.
  public let trainingCounts: [Int]
  /// One for each column, in the order given.
  public let results: [ColumnResult]
  /// The best column among ``results``; of equals that with the smallest log loss.
  public let chosenIndex: Int
  /// The model of the column that was chosen, fitted with its C.
  public let model: FittedLinearModel
  /// How scores become probabilities; nil if that was not asked for.
  public let calibration: Calibration?
  /// Why no image could be held out to judge by; nil where the accuracy is estimated. Then there is no calibration either.
  public let estimateFailure: TrainingError?
  /// Why there is no nested estimate though one was asked for; nil where there is one, or none was.
  public package(set) var nestedFailure: TrainingError?
  /// What the model's settings, fitted without them, make of the images held out; nil unless ``Trainer/keepsHeldOutScores``.
  package let heldOutScores: HeldOutScores?
  /// Whether every fit that the calibration was made on reached its tolerance; true without a calibration.
  public let isCalibrationConverged: Bool
  /// Columns whose C was searched for; for the others the store knew the choice.
  public let searchedColumns: Int
  /// Columns that hold the numbers of an earlier one, whose choice they share, with that.
  package let equalColumns: [(name: String, of: String)]
  /// What was fitted on or used to choose.
  public let seen: SeenKeys
  /// Of SVMlight text, whether its columns are counted from 0 or from 1.
  public let indexBase: Int?
  /// Of the column that was chosen, as the classifier's file holds it.
  public package(set) var summary: TrainingSummary

  /// The column that was chosen, with its model.
  public var chosen: ColumnResult { results[chosenIndex] }

  /// A sentence about columns that count as constant though their values differ; nil where there are none.
  package var tinyColumnsText: String? {
    let count = model.tinyColumns
    guard count > 0 else { return nil }
    return
      "\(NumberText.grouped(count)) column\(count == 1 ? " varies" : "s vary") by less than about 3e-39, too little for single "
      + "precision, and count\(count == 1 ? "s" : "") as constant; multiply the values if they mean something."
  }

  /// A sentence about columns that hold the same numbers as others; nil where there are none.
  package var equalColumnsText: String? {
    guard !equalColumns.isEmpty else { return nil }
    return equalColumns.map { "\($0.name) holds the same numbers as \($0.of)" }.joined(separator: "; ")
      + ": C was searched for once."
  }

  /// A sentence for each estimate that is not there; none where all are that were asked for.
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
  ///   - identity: what the features depend on; nil for a bare matrix.
  ///   - backbone: computes the golden scores; nil leaves them out.
  /// - Throws: ``ClassifierError``, among others if the backbone is not the identity's.
  public func classifier(
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

  /// What the images that chose were taken for when they were held out, by the chosen column with the chosen C.
  ///
  /// No test result: these very images chose. It counts what ``Candidate/accuracy`` counts.
  ///
  /// - Parameter data: what was trained on.
  package func heldOutConfusion(of data: LabelledFeatures) -> ConfusionMatrix {
    let items = (partition.training + partition.validation).map { data.items[$0] }
    var labels: [Int: Int] = [:]
    for (item, label) in zip(items, items.classIndices(classNames)) { labels[item.row] = label }
    let selection = chosen.selection
    return ConfusionMatrix(
      labels: selection.heldOut.map { row in
        guard let label = labels[row] else {
          preconditionFailure("row \(row) judged, but is not of this training")
        }
        return label
      }, predictions: selection.predictions, classCount: classNames.count)
  }
}
