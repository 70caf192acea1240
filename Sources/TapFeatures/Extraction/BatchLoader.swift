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
  case unreadable(Digest?, UnreadableReason)
}

/// The reason why an image has no features.
enum UnreadableReason: Sendable {
  /// The image's file cannot be read.
  case file(FileSystemError)
  /// The image cannot be decoded.
  case content(String)

  init(_ error: any Error) {
    self = (error as? FileSystemError).map(Self.file) ?? .content("\(error)")
  }

  var text: String {
    switch self {
    case .file(let error): error.imageReason
    case .content(let text): text
    }
  }

  /// The error of the file system, if there is one.
  var fileError: FileSystemError? { if case .file(let error) = self { error } else { nil } }
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
        outcomes.append(.unreadable(key, UnreadableReason(error)))
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
}
