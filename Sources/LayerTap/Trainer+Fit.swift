// Training in memory: from features and labels to a classifier.

import TapClassifier
import TapSettings
import TapTensors
import TapTraining

extension LabeledFeatures {
  /// Labels the features of images; each argument with a value a row is in the order of the rows.
  ///
  /// If images were skipped, ``ImageFeatures/indices`` gives the place of each row's image.
  ///
  /// - Parameters:
  ///   - features: if they have several columns, training chooses the best.
  ///   - labels: the name of each row's class.
  ///   - groups: rows of one group are on one side of every split; nil is a group of its own.
  ///   - weights: the weight of each row in training, finite and at least 0; nil for 1 each.
  ///   - validation: the rows by which column and C are chosen; without them cross-validation chooses.
  /// - Throws: ``TrainingError/selection(_:)`` for another number of labels, groups or weights than rows, an invalid
  ///   weight, or a row that there is not.
  public init(
    _ features: ImageFeatures, labels: [String], groups: [String?]? = nil, weights: [Double]? = nil,
    validation: [Int] = []
  ) throws(TrainingError) {
    try self.init(
      candidates: zip(features.columns, features.matrices).map { Candidate(column: $0, features: $1) },
      paths: features.indices.map { "image \($0)" }, hashes: features.keys, labels: labels, groups: groups,
      weights: weights, validation: validation, identity: features.identity, extraction: features.settings,
      backbone: features.backbone)
  }

  /// Labels the rows of any matrix; each argument with a value a row is in the order of the rows.
  ///
  /// - Parameters:
  ///   - matrix: `[rows, dimensions]`.
  ///   - labels: the name of each row's class.
  ///   - groups: rows of one group are on one side of every split; nil is a group of its own.
  ///   - weights: the weight of each row in training, finite and at least 0; nil for 1 each.
  ///   - validation: the rows by which C is chosen; without them cross-validation chooses.
  /// - Throws: as ``init(_:labels:groups:weights:validation:)``.
  public init(
    _ matrix: MatrixView, labels: [String], groups: [String?]? = nil, weights: [Double]? = nil,
    validation: [Int] = []
  ) throws(TrainingError) {
    try self.init(
      candidates: [Candidate(column: nil, features: matrix)],
      paths: (0..<matrix.rows).map { "row \($0)" }, hashes: (0..<matrix.rows).map(matrix.hash(ofRow:)),
      labels: labels, groups: groups, weights: weights, validation: validation, identity: nil,
      extraction: nil, backbone: nil)
  }
}

extension Trainer {
  /// Chooses a column and C by held-out rows, and fits a classifier to all rows.
  ///
  /// The classifier is that of the command `train`. ``Classifier/training`` records the choice, the estimates of the
  /// accuracy and the certificate of the fit.
  ///
  /// - Throws: ``TrainingError``, also for the setting `testFraction`: rows to test with are left out of `data`.
  public func fit(_ data: LabeledFeatures) throws(TrainingError) -> Classifier {
    try fit(data, progress: { _ in })
  }

  /// The same beside other tasks, on threads of its own.
  ///
  /// - Throws: the same, and `CancellationError` once a canceled task's work has stopped.
  public func fit(_ data: LabeledFeatures) async throws -> Classifier {
    try await fitJob(data).value
  }

  /// The same as a job with progress.
  public func fitJob(_ data: LabeledFeatures) -> Job<Classifier> {
    Job { progress in try fit(data, progress: progress) }
  }

  private func fit(
    _ data: LabeledFeatures, progress: @escaping @Sendable (JobProgress) -> Void
  ) throws(TrainingError) -> Classifier {
    guard settings.testFraction == nil else {
      throw .settings(
        .rule(
          field: "testFraction", "here every row is fitted to: leave the rows to test with out of the data"))
    }
    let partition = try Partition(data.images, settings)
    var trained = try train(data, partition) { progress(JobProgress(.fitting, done: $0, total: $1)) }
    if settings.isNested {
      do throws(TrainingError) {
        trained.summary.nested = try nestedEstimate(data, partition) {
          progress(JobProgress(.estimating, done: $0, total: $1))
        }
      } catch {
        // As in the command: without enough rows there is a model, but no estimate.
        guard error.holdingOutText != nil else { throw error }
      }
    }
    do {
      return try trained.classifier(
        identity: data.prepared(as: trained.chosen.candidate).identity, backbone: data.backbone)
    } catch { throw .classifier(error) }
  }
}
