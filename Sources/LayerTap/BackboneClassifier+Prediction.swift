// Predictions of the classes that a backbone was trained on itself.

import TapClassifier
import TapExtraction

extension BackboneClassifier {
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
    let classNames = classNames
    return scores(images, threads: threads, progress: progress).map { result in
      result.map { ClassPrediction(logits: $0, classNames: classNames) }
    }
  }
}
