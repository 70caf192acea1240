// One batch of images from files to rows, on one thread.

import TapExtraction
import TapFileSystem
import TapFormats
import TapImages

/// The result of loading one image.
enum LoadOutcome: Sendable {
  /// The values of all columns.
  case computed(Digest, [Float])
  /// Its values are not wanted: there is a row, or another item computes it.
  case known(Digest)
  /// The reason, and the key if the file could be read.
  case unreadable(Digest?, String)
}

/// A worker and the data that it uses.
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

  /// Reads the images, at most ``batch`` of them, and computes those that `isWanted` by their key and place in
  /// `images`.
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

  /// Without the path, which stands beside it: the same list below another folder gives the same text.
  private static func reason(_ error: any Error) -> String {
    guard let error = error as? FileSystemError else { return "\(error)" }
    return error.isMissing ? "the file is missing" : error.reason
  }
}
