// Predictions for features and for images.

import TapBackbone
import TapClassifier
import TapExtraction
import TapProvenance
import TapTensors
import TapTraining

extension Classifier {
  /// Predicts the class of each row of features.
  ///
  /// - Throws: ``ClassifierError/mismatch(part:trained:here:)`` for features of another backbone or preprocessing, or
  ///   without the column that the classifier was trained on; ``ClassifierError/dimensions(expected:found:)``;
  ///   ``TrainingError/notFinite(path:column:value:)``.
  public func predict(_ features: ImageFeatures) throws -> [ClassPrediction] {
    try predict(
      matrix(of: Array(zip(features.columns, features.matrices)), computedWith: features.identity))
  }

  /// Compares the predictions for labeled rows with their classes.
  ///
  /// - Throws: as a prediction, and ``TrainingError/unknownClasses(_:known:)`` for a label that is none of
  ///   ``classNames``.
  public func evaluate(_ data: LabeledFeatures) throws -> Evaluation {
    try Evaluation(
      self, on: data,
      features: matrix(of: data.candidates.map { ($0.column, $0.features) }, computedWith: data.identity),
      indices: Array(data.items.indices))
  }

  /// The columns that the classifier was trained on, side by side; of a bare matrix all.
  private func matrix(
    of matrices: [(column: Column?, features: MatrixView)], computedWith identity: BackboneIdentity?
  ) throws(ClassifierError) -> MatrixView {
    guard let source, let identity else { return MatrixView.joined(matrices.map(\.features)) }
    try Classifier.requireSameFeatures(trained: source.identity, here: identity)
    return MatrixView.joined(
      try source.columns.map { column throws(ClassifierError) in
        guard let match = matrices.first(where: { $0.column == column }) else {
          throw .mismatch(
            part: .layer, trained: source.name,
            here: matrices.compactMap(\.column?.name).joined(separator: ", "))
        }
        return match.features
      })
  }

  /// Predicts the class of each row of a matrix.
  ///
  /// - Parameter matrix: `[rows, dimensions]`, raw.
  /// - Throws: ``ClassifierError/dimensions(expected:found:)``, ``TrainingError/notFinite(path:column:value:)``.
  public func predict(_ matrix: MatrixView) throws -> [ClassPrediction] {
    guard matrix.columns == dimensions else {
      throw ClassifierError.dimensions(expected: dimensions, found: matrix.columns)
    }
    return try (0..<matrix.rows).map { row in
      let scores = matrix.withRow(row) { self.scores($0) }
      guard scores.allSatisfy(\.isFinite) else {
        throw TrainingError.notFinite("row \(row)", matrix, row: row)
      }
      return ClassPrediction(scores, by: self)
    }
  }
}

extension ImageClassifier {
  /// Reads a classifier's file and joins it to its backbone: the embedded one, else the built-in one of its name.
  ///
  /// - Throws: ``ClassifierError``, ``BackboneLoadingError``.
  public init(contentsOf path: String) throws {
    let (classifier, embedded) = try Classifier.load(path)
    guard let source = classifier.source else { throw ClassifierError.noBackbone }
    try self.init(classifier, backbone: embedded ?? Backbone.load(source.identity.backbone))
  }

  /// Predicts the classes of images in files or in memory, in their order; an image that cannot be read has an error.
  ///
  /// - Parameters:
  ///   - images: any number; memory does not grow with those in files.
  ///   - threads: nil is the number of cores that this process may use. Changes no result.
  public func predict(
    _ images: [ImageInput], threads: Int? = nil
  ) -> [Result<ClassPrediction, ClassifierError>] {
    predict(images, threads: threads, progress: { _ in })
  }

  /// The same beside other tasks, on threads of its own.
  ///
  /// - Throws: `CancellationError` once a canceled task's work has stopped.
  public func predict(
    _ images: [ImageInput], threads: Int? = nil
  ) async throws -> [Result<ClassPrediction, ClassifierError>] {
    try await predictJob(images, threads: threads).value
  }

  /// The same as a job with progress.
  public func predictJob(
    _ images: [ImageInput], threads: Int? = nil
  ) -> Job<[Result<ClassPrediction, ClassifierError>]> {
    Job { progress in predict(images, threads: threads, progress: progress) }
  }

  private func predict(
    _ images: [ImageInput], threads: Int?, progress: @escaping @Sendable (JobProgress) -> Void
  ) -> [Result<ClassPrediction, ClassifierError>] {
    let classifier = classifier
    return scores(images, threads: threads, progress: progress).map { result in
      result.map { ClassPrediction($0, by: classifier) }
    }
  }
}

extension FileScoring {
  /// The scores of images, with the progress of a job.
  func scores(
    _ images: [ImageInput], threads: Int?, progress: @escaping @Sendable (JobProgress) -> Void
  ) -> [Result<[Double], ClassifierError>] {
    scores(
      images, threads: threads.map { max(1, $0) },
      progress: { progress(JobProgress(.predicting, done: $0, total: images.count)) })
  }
}
