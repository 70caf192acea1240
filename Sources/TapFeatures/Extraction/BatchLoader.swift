// Loads one batch of images from files and computes their rows, on one thread.

import TapExtraction
import TapFileSystem
import TapFormats
import TapImages

/// The result of loading one image.
enum LoadOutcome: Sendable {
  /// The image's key and the values of all columns.
  case computed(Digest, [Float])
  /// The image's key. The values are not wanted: the image has a row, or another item computes the row.
  case known(Digest)
  /// The image's key if the file could be read, and the reason why there are no values.
  case unreadable(Digest?, String)
}

/// A worker and the sizes of its batches and rows.
final class BatchLoader {
  private let worker: any RowWorker
  private let batch: Int
  private let rowLength: Int

  /// - Parameter threads: the number of threads that share the work on one image.
  init(_ computation: any RowComputation, threads: Int = 1) {
    worker = computation.makeWorker(threads: threads)
    batch = computation.batch
    rowLength = computation.rowLength
  }

  /// Reads the images, at most ``batch`` images. Computes an image if `isWanted` is true for the image's key and the
  /// image's index in `images`.
  func load(_ images: [ImageInput], isWanted: (Digest, Int) -> Bool) -> [LoadOutcome] {
    precondition(images.count <= batch, "\(images.count) images for a batch of \(batch)")
    var outcomes: [LoadOutcome] = []
    var slots: [(place: Int, key: Digest)] = []
    for (place, image) in images.enumerated() {
      var key: Digest?
      do {
        let contents = try image.contents()
        let digest = contents.digest
        key = digest
        if isWanted(digest, place) {
          try worker.load(contents, slot: slots.count)
          slots.append((place, digest))
        }
        outcomes.append(.known(digest))
      } catch {
        outcomes.append(.unreadable(key, Self.reason(error)))
      }
    }
    guard !slots.isEmpty else { return outcomes }
    var rows = [Float](repeating: 0, count: slots.count * rowLength)
    var span = rows.mutableSpan
    worker.run(count: slots.count, into: &span)
    for (slot, (place, key)) in slots.enumerated() {
      outcomes[place] = .computed(key, Array(rows[slot * rowLength..<(slot + 1) * rowLength]))
    }
    return outcomes
  }

  /// The reason of an error, without the path. The item already has the path. Without the folder's name, the text stays
  /// the same if the images lie in another folder.
  private static func reason(_ error: any Error) -> String {
    guard let error = error as? FileSystemError else { return "\(error)" }
    return error.isMissing ? "the file is missing" : error.reason
  }
}
