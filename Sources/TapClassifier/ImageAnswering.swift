// Answers any number of images, in order and with bounded memory.

import TapExtraction
import TapFileSystem
import TapImages
import TapKernels

/// A type that answers images: a backbone computes a row of features for each image, and the type turns the row into an
/// answer.
package protocol ImageAnswering: Sendable {
  /// The answer for one image.
  associatedtype Answer: Sendable
  /// The computation of an image's row of features.
  var computation: any RowComputation { get }
  /// The answer for a row of features.
  ///
  /// - Parameter image: the image that the row was computed from.
  func answer(row: Span<Float>, of image: ImageContents) throws(ClassifierError) -> Answer
}

/// The memory of one worker, which answers one image at a time.
package struct ImageAnswerer<Answering: ImageAnswering> {
  private let answering: Answering
  private let worker: any RowWorker
  private var row: [Float]

  /// - Parameter threads: the number of threads that share the layers of the image.
  package init(_ answering: Answering, threads: Int) {
    self.answering = answering
    worker = answering.computation.makeWorker(threads: threads)
    row = [Float](repeating: 0, count: answering.computation.rowLength)
  }

  /// The answer for an image.
  package mutating func answer(_ image: ImageInput) throws(ClassifierError) -> Answering.Answer {
    let contents: ImageContents
    do { contents = try image.contents() } catch { throw .file(error) }
    do { try worker.load(contents, slot: 0) } catch {
      if case .file(let path) = image { throw .image(path: path, error) }
      throw .image(path: "", error)
    }
    let worker = worker
    var rows = row.mutableSpan
    worker.run(count: 1, into: &rows)
    return try answering.answer(row: row.span, of: contents)
  }
}

extension ImageAnswering {
  /// Answers images as they arrive, and delivers the answers in the order of arrival.
  ///
  /// For each thread, at most eight images are in progress or wait for an earlier image. No further image is requested
  /// until an earlier image is delivered. So the memory does not grow with the number of images.
  ///
  /// - Parameters:
  ///   - inputs: returns the next input, and nil after the last input. Only one call runs at a time, and a call may
  ///     wait for an input to arrive. For a refused input, an error is delivered in place of an answer.
  ///   - count: the number of images; nil for an unknown number. If there are fewer images than threads, several
  ///     threads share the layers of an image.
  ///   - threads: the total number of threads; nil for the number of cores that this process may use. The number
  ///     changes no result.
  ///   - deliver: called with each result in order, one call at a time, from any thread, as soon as all earlier results
  ///     are delivered. The duration is that of the work on the image, without waiting.
  package func answers(
    inputs: @escaping @Sendable () -> ScoringInput?, count: Int? = nil, threads: Int? = nil,
    deliver: @Sendable (ScoringInput, Result<Answer, ClassifierError>, Duration) -> Void
  ) {
    let threads = max(1, threads ?? Threads.available)
    let workers = max(1, min(threads, count ?? threads))
    _ = OrderedPipeline(threads: workers, window: 8 * workers).run(
      next: { _ in inputs() },
      makeWorker: { AnswererBox(ImageAnswerer(self, threads: threads / workers)) },
      work: { input, box -> (ScoringInput, Result<Answer, ClassifierError>, Duration) in
        let start = ContinuousClock.now
        let result: Result<Answer, ClassifierError> =
          switch input {
          case .image(let image), .framed(_, let image):
            Result { () throws(ClassifierError) in try box.answerer.answer(image) }
          case .refused(_, let error), .refusedFrame(_, let error): .failure(error)
          }
        return (input.withoutContents, result, start.duration(to: .now))
      },
      deliver: { _, outcome in deliver(outcome.0, outcome.1, outcome.2) })
  }
}

/// The input to answer.
package enum ScoringInput: Sendable {
  /// An image.
  case image(ImageInput)
  /// An input that is not a path: its printable form, and the reason for the refusal.
  case refused(String, ClassifierError)
  /// An image from a stream of frames.
  case framed(FrameLabel, ImageInput)
  /// A frame without an image, and the reason.
  case refusedFrame(FrameLabel, ClassifierError)

  /// The input without the bytes of its image, which are not needed after the work.
  fileprivate var withoutContents: ScoringInput {
    if case .framed(let label, .encoded) = self { .framed(label, .encoded([])) } else { self }
  }
}

/// The place and the name of a frame in its stream.
package struct FrameLabel: Hashable, Sendable {
  /// The index of the frame, from 0.
  package let index: Int
  /// The bytes of the frame's name; nil if they did not arrive.
  package let name: [UInt8]?

  package init(index: Int, name: [UInt8]?) {
    self.index = index
    self.name = name
  }
}

/// A reference to the answerer of a worker, because answering changes the answerer.
private final class AnswererBox<Answering: ImageAnswering> {
  var answerer: ImageAnswerer<Answering>
  init(_ answerer: ImageAnswerer<Answering>) { self.answerer = answerer }
}
