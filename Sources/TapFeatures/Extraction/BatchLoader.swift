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

  init(_ computation: any RowComputation) {
    worker = computation.makeWorker(threads: 1)
    batch = computation.batch
    rowLength = computation.rowLength
  }

  /// Reads the files at `locations`, at most ``batch`` of them, and computes those that `isWanted` by
  /// their key and place in `locations`.
  func load(_ locations: [String], isWanted: (Digest, Int) -> Bool) -> [LoadOutcome] {
    precondition(locations.count <= batch, "\(locations.count) images for a batch of \(batch)")
    var outcomes: [LoadOutcome] = []
    var slots: [(place: Int, key: Digest)] = []
    for (place, location) in locations.enumerated() {
      var key: Digest?
      do {
        let bytes = try FileSystem.read(location, atMost: ImageDecoder.maximumBytes)
        let digest = SHA256.hash(bytes)
        key = digest
        if isWanted(digest, place) {
          try worker.load(file: bytes, slot: slots.count)
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
