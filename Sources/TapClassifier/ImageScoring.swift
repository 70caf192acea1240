// Computes the scores of any number of images, in order and with bounded memory.

import Synchronization
import TapExtraction
import TapImages

/// A type that scores images: a backbone computes a row of features for each image, and a head turns the row into
/// scores.
package protocol ImageScoring: ImageAnswering where Answer == [Double] {
  /// The scores for a row of features: `[classes]`.
  func scores(row: Span<Float>) -> [Double]
}

extension ImageScoring {
  package func answer(row: Span<Float>, of image: ImageContents) throws(ClassifierError) -> [Double] {
    scores(row: row)
  }

  /// Scores images as they arrive; see ``ImageAnswering/answers(inputs:count:threads:deliver:)``.
  package func scores(
    inputs: @escaping @Sendable () -> ScoringInput?, count: Int? = nil, threads: Int? = nil,
    deliver: @Sendable (ScoringInput, Result<[Double], ClassifierError>) -> Void
  ) {
    answers(inputs: inputs, count: count, threads: threads) { input, result, _ in deliver(input, result) }
  }

  /// The scores of an image, computed on one thread: `[classes]`.
  package func scores(of image: ImageInput) throws(ClassifierError) -> [Double] {
    var scorer = ImageAnswerer(self, threads: 1)
    return try scorer.answer(image)
  }

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
