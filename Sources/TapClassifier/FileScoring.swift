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

  mutating func scores(file path: String) throws(ClassifierError) -> [Double] {
    let bytes: [UInt8]
    do { bytes = try FileSystem.read(path, atMost: ImageDecoder.maximumBytes) } catch { throw .file(error) }
    do { try worker.load(file: bytes, slot: 0) } catch { throw .image(path: path, error) }
    return run()
  }

  mutating func scores(_ image: RGBImage) throws(ClassifierError) -> [Double] {
    do { try worker.load(image, slot: 0) } catch { throw .image(path: "", error) }
    return run()
  }

  private mutating func run() -> [Double] {
    let worker = worker
    var rows = row.mutableSpan
    worker.run(count: 1, into: &rows)
    return head(row.span)
  }
}

/// A type that scores image files.
public protocol FileScoring: Sendable {
  /// One for each image that is worked on.
  associatedtype Scorer
  /// Memory for one image, whose layers `threads` threads share.
  func makeScorer(threads: Int) -> Scorer
  /// The scores of an image file, `[classes]`, or the reason why there are none.
  func scores(file path: String, by scorer: inout Scorer) -> Result<[Double], ClassifierError>
}

extension FileScoring {
  /// Scores files as they come, and delivers the scores in the same order.
  ///
  /// At most eight files a thread are under way or wait for an earlier one, so memory does not grow with their number;
  /// no further path is requested before.
  ///
  /// - Parameters:
  ///   - next: the next path, nil after the last. It is called by one thread at a time and may wait for a path.
  ///   - count: how many paths will come, if that is known: where they are fewer than threads, threads share an image's
  ///     layers.
  ///   - threads: threads in all; nil is the number of cores that this process may use. Changes no result.
  ///   - deliver: called in order, one call at a time, from any thread, as soon as it is a path's turn.
  public func scores(
    next: @escaping @Sendable () -> String?, count: Int? = nil, threads: Int? = nil,
    deliver: @Sendable (String, Result<[Double], ClassifierError>) -> Void
  ) {
    scores(
      inputs: { next().map(ScoringInput.file) }, count: count, threads: threads, deliver: deliver)
  }

  /// The same, if some inputs may be known not to be paths: their results keep their places.
  package func scores(
    inputs: @escaping @Sendable () -> ScoringInput?, count: Int? = nil, threads: Int? = nil,
    deliver: @Sendable (String, Result<[Double], ClassifierError>) -> Void
  ) {
    let threads = max(1, threads ?? Threads.available)
    let workers = max(1, min(threads, count ?? threads))
    _ = OrderedPipeline(threads: workers, window: 8 * workers).run(
      next: { _ in inputs() },
      makeWorker: { ScorerBox(makeScorer(threads: threads / workers)) },
      work: { input, box -> (String, Result<[Double], ClassifierError>) in
        switch input {
        case .file(let path): return (path, scores(file: path, by: &box.scorer))
        case .refused(let text, let error): return (text, .failure(error))
        }
      },
      deliver: { _, outcome in deliver(outcome.0, outcome.1) })
  }
}

/// The input to score.
package enum ScoringInput: Sendable {
  /// A file's path.
  case file(String)
  /// An input that is not a path, in printable form, and the reason.
  case refused(String, ClassifierError)
}

/// A worker's scorer, which changes as it works.
private final class ScorerBox<Scorer> {
  var scorer: Scorer
  init(_ scorer: Scorer) { self.scorer = scorer }
}

extension FileScoring {
  /// The scores of image files, in their order; an image that cannot be read has an error instead.
  ///
  /// - Parameter threads: threads in all; nil is the number of cores that this process may use. Changes no result.
  public func scores(files: [String], threads: Int? = nil) -> [Result<[Double], ClassifierError>] {
    let next = Atomic(0)
    let results = Mutex<[Result<[Double], ClassifierError>]>([])
    scores(
      next: {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return index < files.count ? files[index] : nil
      }, count: files.count, threads: threads,
      deliver: { _, result in results.withLock { $0.append(result) } })
    return results.withLock { $0 }
  }
}
