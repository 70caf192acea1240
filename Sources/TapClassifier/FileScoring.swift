// Image files to scores, in order and with bounded memory, however many there are.

import Synchronization
import TapExtraction
import TapFileSystem
import TapImages
import TapKernels

/// The memory of one worker: from an image file or an image to the scores of a head on its features.
struct ImageScorer {
  private let worker: any RowWorker
  private let head: @Sendable (Span<Float>) -> [Double]
  private var row: [Float]

  init(
    _ computation: any RowComputation, threads: Int, head: @escaping @Sendable (Span<Float>) -> [Double]
  ) {
    worker = computation.makeWorker(threads: threads)
    self.head = head
    row = [Float](repeating: 0, count: computation.rowLength)
  }

  mutating func scores(_ image: ImageInput) throws(ClassifierError) -> [Double] {
    let contents: ImageContents
    do { contents = try image.contents() } catch { throw .file(error) }
    do { try worker.load(contents, slot: 0) } catch {
      if case .file(let path) = image { throw .image(path: path, error) }
      throw .image(path: "", error)
    }
    let worker = worker
    var rows = row.mutableSpan
    worker.run(count: 1, into: &rows)
    return head(row.span)
  }
}

/// A type that scores images.
package protocol FileScoring: Sendable {
  /// One for each image that is worked on.
  associatedtype Scorer
  /// Memory for one image, whose layers `threads` threads share.
  func makeScorer(threads: Int) -> Scorer
  /// The scores of an image, `[classes]`, or the reason why there are none.
  func scores(_ image: ImageInput, by scorer: inout Scorer) -> Result<[Double], ClassifierError>
}

extension FileScoring {
  /// Scores images as they come, and delivers the scores in the same order.
  ///
  /// At most eight images a thread are under way or wait for an earlier one, so memory does not grow with their number;
  /// no further image is requested before.
  ///
  /// - Parameters:
  ///   - inputs: the next image, nil after the last. One call at a time; it may wait for an image to come. Some inputs
  ///     may be known not to be images: their results keep their places.
  ///   - count: how many images will come, if that is known: where they are fewer than threads, threads share an
  ///     image's layers.
  ///   - threads: threads in all; nil is the number of cores that this process may use. Changes no result.
  ///   - deliver: called in order, one call at a time, from any thread, as soon as it is an image's turn.
  package func scores(
    inputs: @escaping @Sendable () -> ScoringInput?, count: Int? = nil, threads: Int? = nil,
    deliver: @Sendable (ScoringInput, Result<[Double], ClassifierError>) -> Void
  ) {
    let threads = max(1, threads ?? Threads.available)
    let workers = max(1, min(threads, count ?? threads))
    _ = OrderedPipeline(threads: workers, window: 8 * workers).run(
      next: { _ in inputs() },
      makeWorker: { ScorerBox(makeScorer(threads: threads / workers)) },
      work: { input, box -> (ScoringInput, Result<[Double], ClassifierError>) in
        switch input {
        case .image(let image): return (input, scores(image, by: &box.scorer))
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
  /// An input that is not a path, in printable form, and the reason.
  case refused(String, ClassifierError)
}

/// A worker's scorer, which changes as it works.
private final class ScorerBox<Scorer> {
  var scorer: Scorer
  init(_ scorer: Scorer) { self.scorer = scorer }
}

extension FileScoring {
  /// The scores of images, in their order; an image that cannot be read has an error instead.
  ///
  /// - Parameters:
  ///   - threads: threads in all; nil is the number of cores that this process may use. Changes no result.
  ///   - progress: receives the number of images that are done; one call at a time, from any thread.
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
