// Computes the scores of any number of images, in order and with bounded memory.

import Synchronization
import TapExtraction
import TapFileSystem
import TapImages
import TapKernels

/// A type that scores images: a backbone computes a row of features for each image, and a head turns the row into
/// scores.
package protocol ImageScoring: Sendable {
  /// The computation of an image's row of features.
  var computation: any RowComputation { get }
  /// The scores for a row of features: `[classes]`.
  func scores(row: Span<Float>) -> [Double]
}

/// The memory of one worker, which scores one image at a time.
package struct ImageScorer {
  private let scoring: any ImageScoring
  private let worker: any RowWorker
  private var row: [Float]

  /// - Parameter threads: the number of threads that share the layers of the image.
  package init(_ scoring: any ImageScoring, threads: Int) {
    self.scoring = scoring
    worker = scoring.computation.makeWorker(threads: threads)
    row = [Float](repeating: 0, count: scoring.computation.rowLength)
  }

  /// The scores of an image: `[classes]`.
  package mutating func scores(_ image: ImageInput) throws(ClassifierError) -> [Double] {
    let contents: ImageContents
    do { contents = try image.contents() } catch { throw .file(error) }
    do { try worker.load(contents, slot: 0) } catch {
      if case .file(let path) = image { throw .image(path: path, error) }
      throw .image(path: "", error)
    }
    let worker = worker
    var rows = row.mutableSpan
    worker.run(count: 1, into: &rows)
    return scoring.scores(row: row.span)
  }
}

extension ImageScoring {
  /// Scores images as they arrive, and delivers the scores in the order of arrival.
  ///
  /// For each thread, at most eight images are in progress or wait for an earlier image. No further image is requested
  /// until an earlier image is delivered. So the memory does not grow with the number of images.
  ///
  /// - Parameters:
  ///   - inputs: returns the next input, and nil after the last input. Only one call runs at a time, and a call may
  ///     wait for an input to arrive. For a refused input, an error is delivered in place of scores.
  ///   - count: the number of images; nil for an unknown number. If there are fewer images than threads, several
  ///     threads share the layers of an image.
  ///   - threads: the total number of threads; nil for the number of cores that this process may use. The number
  ///     changes no result.
  ///   - deliver: called with each result in order, one call at a time, from any thread, as soon as all earlier results
  ///     are delivered.
  package func scores(
    inputs: @escaping @Sendable () -> ScoringInput?, count: Int? = nil, threads: Int? = nil,
    deliver: @Sendable (ScoringInput, Result<[Double], ClassifierError>) -> Void
  ) {
    let threads = max(1, threads ?? Threads.available)
    let workers = max(1, min(threads, count ?? threads))
    _ = OrderedPipeline(threads: workers, window: 8 * workers).run(
      next: { _ in inputs() },
      makeWorker: { ScorerBox(ImageScorer(self, threads: threads / workers)) },
      work: { input, box -> (ScoringInput, Result<[Double], ClassifierError>) in
        switch input {
        case .image(let image):
          return (input, Result { () throws(ClassifierError) in try box.scorer.scores(image) })
        case .refused(_, let error): return (input, .failure(error))
        }
      },
      deliver: { _, outcome in deliver(outcome.0, outcome.1) })
  }
}

/// The input to score.
package enum ScoringInput: Sendable {
  /// An image.
  case image(ImageInput)
  /// An input that is not a path: its printable form, and the reason for the refusal.
  case refused(String, ClassifierError)
}

/// A reference to the scorer of a worker, because scoring changes the scorer.
private final class ScorerBox {
  var scorer: ImageScorer
  init(_ scorer: ImageScorer) { self.scorer = scorer }
}

extension ImageScoring {
  /// The scores of images, in the order of the images. An image that cannot be read has an error in place of scores.
  ///
  /// - Parameters:
  ///   - threads: the total number of threads; nil for the number of cores that this process may use. The number
  ///     changes no result.
  ///   - progress: called with the number of finished images, one call at a time, from any thread.
  package func scores(
    _ images: [ImageInput], threads: Int? = nil, progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) -> [Result<[Double], ClassifierError>] {
    let next = Atomic(0)
    let results = Mutex<[Result<[Double], ClassifierError>]>([])
    scores(
      inputs: {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return index < images.count ? .image(images[index]) : nil
      }, count: images.count, threads: threads,
      deliver: { _, result in
        let done = results.withLock { results in
          results.append(result)
          return results.count
        }
        progress(done)
      })
    return results.withLock { $0 }
  }
}
