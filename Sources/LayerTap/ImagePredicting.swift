// Predictions for images, by a trained classifier or by the classes of the backbone itself.

import TapArchitectures
import TapBackbone
import TapClassifier
import TapExtraction
import TapKernels
import TapProvenance

/// A classifier of images in files or in memory.
public protocol ImagePredicting: Sendable {
  /// Predicts the classes of images, in the order of the images. An image that cannot be read has an error in place of
  /// a prediction.
  ///
  /// - Parameters:
  ///   - images: the images, any number of them. Memory does not grow with the number of images in files.
  ///   - threads: nil means the number of cores that this process may use. The value changes no result.
  ///   - progress: called with the number of finished images, one call at a time, from any thread.
  func predict(
    _ images: [ImageInput], threads: Int?, progress: @escaping @Sendable (JobProgress) -> Void
  ) -> [Result<ClassPrediction, ClassifierError>]
}

extension ImagePredicting {
  /// Predicts the classes of images, in the order of the images. An image that cannot be read has an error in place of
  /// a prediction.
  ///
  /// - Parameters:
  ///   - images: the images, any number of them. Memory does not grow with the number of images in files.
  ///   - threads: nil means the number of cores that this process may use. The value changes no result.
  public func predict(
    _ images: [ImageInput], threads: Int? = nil
  ) -> [Result<ClassPrediction, ClassifierError>] {
    predict(images, threads: threads, progress: { _ in })
  }

  /// Predicts the classes on other threads, so that the calling task does not block its thread.
  ///
  /// - Throws: `CancellationError` for a canceled task, once its work has stopped.
  public func predict(
    _ images: [ImageInput], threads: Int? = nil
  ) async throws -> [Result<ClassPrediction, ClassifierError>] {
    try await predictJob(images, threads: threads).value
  }

  /// Starts the prediction as a job, which reports progress.
  public func predictJob(
    _ images: [ImageInput], threads: Int? = nil
  ) -> Job<[Result<ClassPrediction, ClassifierError>]> {
    Job { progress in predict(images, threads: threads, progress: progress) }
  }
}

extension ImageClassifier: ImagePredicting {
  public func predict(
    _ images: [ImageInput], threads: Int?, progress: @escaping @Sendable (JobProgress) -> Void
  ) -> [Result<ClassPrediction, ClassifierError>] {
    let classifier = classifier
    return scores(images, threads: threads, progress: progress).map { result in
      result.map { ClassPrediction($0, by: classifier) }
    }
  }
}

extension BackboneClassifier {
  /// Creates the classifier of a backbone's own classes, with the names that ``PretrainedClassNames`` has for them.
  ///
  /// - Throws: ``BackboneError`` if the backbone lacks the layer `logits`, ``ClassifierError``.
  public init(_ backbone: Backbone, instructionSet: InstructionSet = .best) throws {
    let count = try backbone.dimensions(of: Column(tap: backbone.resolve("logits"), pooling: .none))
    try self.init(
      backbone, classNames: PretrainedClassNames.of(backbone, count: count), instructionSet: instructionSet)
  }
}

extension BackboneClassifier: ImagePredicting {
  public func predict(
    _ images: [ImageInput], threads: Int?, progress: @escaping @Sendable (JobProgress) -> Void
  ) -> [Result<ClassPrediction, ClassifierError>] {
    let classNames = classNames
    return scores(images, threads: threads, progress: progress).map { result in
      result.map { ClassPrediction(logits: $0, classNames: classNames) }
    }
  }
}

extension ImageScoring {
  /// The scores of images, computed in a job whose progress is reported.
  fileprivate func scores(
    _ images: [ImageInput], threads: Int?, progress: @escaping @Sendable (JobProgress) -> Void
  ) -> [Result<[Double], ClassifierError>] {
    scores(
      images, threads: threads.map { max(1, $0) },
      progress: { progress(JobProgress(.predicting, done: $0, total: images.count)) })
  }
}
