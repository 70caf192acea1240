// Work on its own thread, with progress, a result to wait for, and a way to stop the work.

import Dispatch
import TapFeatures
import TapKernels

/// The progress of a ``Job``.
public struct JobProgress: Hashable, Sendable {
  /// A part of the work.
  public enum Stage: Hashable, Sendable {
    /// Reading images to find the row of each image in a store.
    case identifying
    /// Computing new columns for rows that a store has.
    case filling
    /// Computing features of images.
    case extracting
    /// Fitting models to choose the column and C. The progress counts fits.
    case fitting
    /// Fitting models for a nested estimate of the accuracy. The progress counts fits.
    case estimating
    /// Predicting classes of images.
    case predicting
  }

  /// The current part of the work.
  public let stage: Stage
  /// The number of images or fits that are done in this stage.
  public let done: Int
  /// The number of images in this stage, or the maximum number of fits.
  public let total: Int

  /// The share of the stage that is done, 0 to 1.
  public var fraction: Double { total > 0 ? Double(done) / Double(total) : 1 }

  package init(_ stage: Stage, done: Int, total: Int) {
    self.stage = stage
    self.done = done
    self.total = total
  }

  init(_ progress: ExtractionProgress) {
    let stage: Stage =
      switch progress.stage {
      case .identifying: .identifying
      case .filling: .filling
      case .extracting: .extracting
      }
    self.init(stage, done: progress.done, total: progress.total)
  }
}

/// Work that starts when the job is created, on its own threads. The work never blocks the threads of Swift's tasks.
///
/// ```swift
/// let job = extractor.featuresJob(of: .files(paths))
/// for await progress in job.progress { print(progress.done, "of", progress.total) }
/// let features = try await job.value
/// ```
public struct Job<Value: Sendable>: Sendable {
  /// A sequence of the latest progress, which only one loop can read. The sequence ends when the work has ended. A slow
  /// loop misses some of the progress values.
  public let progress: AsyncStream<JobProgress>
  private let cancellation: Cancellation
  private let task: Task<Value, any Error>

  package init(
    _ work: @escaping @Sendable (@escaping @Sendable (JobProgress) -> Void) throws -> Value
  ) {
    let cancellation = Cancellation()
    let (stream, report) = AsyncStream.makeStream(
      of: JobProgress.self, bufferingPolicy: .bufferingNewest(1))
    progress = stream
    self.cancellation = cancellation
    task = Task.detached {
      try await withCheckedThrowingContinuation { continuation in
        // A separate queue gets a thread even if all other threads are busy.
        DispatchQueue(label: "LayerTap.Job").async {
          let result = Cancellation.$current.withValue(cancellation) {
            Result { try work { report.yield($0) } }
          }
          report.finish()
          continuation.resume(
            with: cancellation.isRequested ? .failure(CancellationError()) : result)
        }
      }
    }
  }

  /// The result, once the work has ended. If the waiting task is canceled, the job is canceled too.
  ///
  /// - Throws: `CancellationError` for a canceled job, once its work has stopped; otherwise the error of the work.
  public var value: Value {
    get async throws {
      try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        cancellation.request()
      }
    }
  }

  /// Asks the work to stop after the current image or the current step of a solver. A store keeps the rows written so
  /// far.
  public func cancel() { cancellation.request() }
}
