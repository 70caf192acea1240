// Trains a classifier in memory from features and labels.

import TapClassifier
import TapSettings
import TapTensors
import TapTraining

extension LabeledFeatures {
  /// Labels the features of images. Every argument that has one value for each row is in the order of the rows.
  ///
  /// If images were skipped, ``ImageFeatures/indices`` gives the place of each row's image.
  ///
  /// - Parameters:
  ///   - features: the features. If the features have several columns (layers with a pooling), training chooses the
  ///     best column.
  ///   - labels: the name of each row's class.
  ///   - groups: the group of each row. All rows of a group are on the same side of every split. A row with nil is
  ///     alone in its group.
  ///   - weights: the weight of each row in training, finite and at least 0. With nil, each weight is 1.
  ///   - validation: the rows by which training chooses the column and C. Without these rows, training chooses by
  ///     cross-validation.
  /// - Throws: ``TrainingError/selection(_:)`` if the number of labels, groups or weights is not the number of rows.
  /// The same error reports an invalid weight, or a row of `validation` that does not exist.
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

  /// Labels the rows of any matrix. Every argument that has one value for each row is in the order of the rows.
  ///
  /// - Parameters:
  ///   - matrix: `[rows, dimensions]`.
  ///   - labels: the name of each row's class.
  ///   - groups: the group of each row. All rows of a group are on the same side of every split. A row with nil is
  ///     alone in its group.
  ///   - weights: the weight of each row in training, finite and at least 0. With nil, each weight is 1.
  ///   - validation: the rows by which training chooses C. Without these rows, training chooses by cross-validation.
  /// - Throws: the errors of ``init(_:labels:groups:weights:validation:)``.
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
  /// Chooses a column and C by held-out rows, and then fits a classifier to all rows.
  ///
  /// The command `train` makes the same classifier. ``Classifier/training`` records the choice, the estimates of the
  /// accuracy and the certificate of the fit.
  ///
  /// - Throws: ``TrainingError``, also if the setting `testFraction` is set. Leave out test rows from `data` instead.
  public func fit(_ data: LabeledFeatures) throws(TrainingError) -> Classifier {
    try fit(data, progress: { _ in })
  }

  /// Fits a classifier on other threads, so that the calling task does not block its thread.
  ///
  /// - Throws: ``TrainingError``, and `CancellationError` for a canceled task, once its work has stopped.
  public func fit(_ data: LabeledFeatures) async throws -> Classifier {
    try await fitJob(data).value
  }

  /// Starts the training as a job, which reports progress.
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
    return try run(data, progress: progress).classifier
  }

  /// The results of a training.
  package struct Outcome: Sendable {
    /// The trained model with the choices that led to it.
    package let trained: TrainedModel
    /// The classifier for deployment.
    package let classifier: Classifier
    /// The classifier's results on the test items; nil if there are no test items.
    package let test: Evaluation?
  }

  /// Chooses a column and C, fits a classifier, and evaluates it once on the test items, if there are any.
  ///
  /// - Throws: ``TrainingError``.
  package func run(
    _ data: LabeledFeatures, progress: @escaping @Sendable (JobProgress) -> Void
  ) throws(TrainingError) -> Outcome {
    let partition = try Partition(data.images, settings)
    var trained = try train(data, partition) { progress(JobProgress(.fitting, done: $0, total: $1)) }
    if settings.isNested {
      do throws(TrainingError) {
        trained.summary.nested = try nestedEstimate(data, partition) {
          progress(JobProgress(.estimating, done: $0, total: $1))
        }
      } catch {
        // If there are too few rows for an estimate, the model is kept without the estimate, as in the command `train`.
        guard error.holdingOutText != nil else { throw error }
        trained.nestedFailure = error
      }
    }
    let classifier: Classifier
    do {
      classifier = try trained.classifier(
        identity: data.prepared(as: trained.chosen.candidate).identity, backbone: data.backbone)
    } catch { throw .classifier(error) }
    let test =
      partition.test.isEmpty
      ? nil
      : try Evaluation(
        classifier, on: data, features: trained.chosen.candidate.features, indices: partition.test)
    return Outcome(trained: trained, classifier: classifier, test: test)
  }
}
