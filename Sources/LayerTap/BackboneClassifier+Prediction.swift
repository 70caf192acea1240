// Predictions of the classes that the backbone itself was trained on.

import TapClassifier
import TapExtraction

extension BackboneClassifier {
  /// Predicts the classes of images in files or in memory, in the order of the images.
  ///
  /// An image that cannot be read has an error in place of a prediction.
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

  private func predict(
    _ images: [ImageInput], threads: Int?, progress: @escaping @Sendable (JobProgress) -> Void
  ) -> [Result<ClassPrediction, ClassifierError>] {
    let classNames = classNames
    return scores(images, threads: threads, progress: progress).map { result in
      result.map { ClassPrediction(logits: $0, classNames: classNames) }
    }
  }
}
