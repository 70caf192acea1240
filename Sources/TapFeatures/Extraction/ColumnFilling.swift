// Adds new columns for existing rows. The rows' images are found by their contents, in the list or at the paths that
// earlier runs recorded. The columns are filled in row order.

import Synchronization
import TapBackbone
import TapExtraction
import TapFileSystem
import TapFormats
import TapImages
import TapProvenance

/// Fills new columns of a store.
struct ColumnFilling: Sendable {
  let extractor: FeatureExtractor
  var writer: FeatureStoreWriter
  let list: ImageList
  let progress: @Sendable (ExtractionProgress) -> Void
  let shouldStop: @Sendable () -> Bool

  private struct State: Sendable {
    var partials: PartialColumns
    var clock = CommitClock()
  }

  /// Fills `columns` and then lists them in store.json.
  ///
  /// Returns the store's writer and the number of rows computed. If rows were dropped, the writer is a new writer.
  func fill(_ columns: [StoredColumn]) throws(FeatureError) -> (FeatureStoreWriter, Int) {
    let places = try locate(writer.committedKeys)
    let partials = try writer.openPartials(columns)
    let missing = writer.committedKeys[partials.nextRow...].count { places[$0] == nil }
    guard missing > 0 else { return (writer, try fill(partials, from: places)) }
    guard extractor.dropsMissingRows else {
      throw .imagesOfRowsMissing(path: writer.path, missing: missing, rows: writer.committedRows)
    }
    var rest = self
    rest.writer = try writer.dropping(Set(writer.committedKeys.filter { places[$0] == nil }))
    return (rest.writer, try rest.fill(rest.writer.openPartials(columns), from: places))
  }

  private func fill(_ partials: PartialColumns, from places: [Digest: String]) throws(FeatureError) -> Int {
    let keys = writer.committedKeys
    let first = partials.nextRow
    let locations = keys[first...].compactMap { places[$0] }
    let computation = try FeatureError.mapping { () throws(BackboneError) in
      try extractor.source.computation(of: partials.columns.map(\.column))
    }
    let batch = computation.batch
    let state = Mutex(State(partials: partials))
    let pieces = (keys.count - first + batch - 1) / batch
    let pipeline = OrderedPipeline(
      threads: extractor.threads, window: extractor.window, shouldStop: shouldStop)
    let delivered = try pipeline.run(
      next: { $0 < pieces ? $0 : nil },
      makeWorker: { BatchLoader(computation) },
      work: { piece, loader in
        let range = piece * batch..<min((piece + 1) * batch, locations.count)
        return loader.load(.files(Array(locations[range]))) { key, place in
          key == keys[first + range.lowerBound + place]
        }
      },
      deliver: { piece, outcomes throws(FeatureError) in
        for (place, outcome) in outcomes.enumerated() {
          let row = first + piece * batch + place
          try append(outcome, row, locations[row - first], state)
        }
        progress(
          ExtractionProgress(
            stage: .filling, done: min((piece + 1) * batch, locations.count), total: locations.count))
      })
    try state.withLock { state throws(FeatureError) in try state.partials.commit() }
    guard delivered == pieces else {
      throw .interrupted(rows: writer.committedRows, path: writer.path)
    }
    try writer.adopt(state.withLock { $0.partials })
    return locations.count
  }

  private func append(
    _ outcome: LoadOutcome, _ row: Int, _ location: String, _ state: borrowing Mutex<State>
  ) throws(FeatureError) {
    switch outcome {
    case .computed(_, let values):
      try state.withLock { state throws(FeatureError) in
        state.partials.append(row: row, values: values.span)
        guard state.clock.isDue(pendingBytes: state.partials.pendingBytes) else { return }
        var partials = state.partials
        try state.clock.run { () throws(FeatureError) in try partials.commit() }
        state.partials = partials
      }
    case .known: throw .changedMeanwhile(path: location)
    case .unreadable(_, let reason): throw .ofImage(location, reason)
    }
  }

  /// The path of an image for each key. The list is searched first, then the paths that earlier runs recorded.
  private func locate(_ keys: [Digest]) throws(FeatureError) -> [Digest: String] {
    let found = try locate(Set(keys), among: list.items.map(list.location))
    let rest = keys.filter { found[$0] == nil }
    guard !rest.isEmpty else { return found }
    let places = RowPlaces(writer.folder)
    return try found.merging(locate(Set(rest), among: rest.compactMap { places[$0] })) { inList, _ in inList }
  }

  /// The path of an image for each wanted key. To find the keys, every file of `paths` is read.
  private func locate(
    _ wanted: Set<Digest>, among paths: [String]
  ) throws(FeatureError) -> [Digest: String] {
    let found = Mutex<[Digest: String]>([:])
    let pipeline = OrderedPipeline(
      threads: extractor.threads, window: extractor.window, shouldStop: shouldStop)
    let delivered = try pipeline.run(
      next: { $0 < paths.count ? $0 : nil },
      makeWorker: {},
      work: { index, _ -> Digest? in
        // A file that cannot be read gives no key here. If the file is a row's image, the caller finds that the image
        // is missing.
        (try? FileSystem.readFile(paths[index], atMost: ImageDecoder.maximumBytes)).map { SHA256.hash($0) }
      },
      deliver: { index, digest throws(FeatureError) in
        if let digest, wanted.contains(digest) {
          found.withLock { found in
            if found[digest] == nil { found[digest] = paths[index] }
          }
        }
        progress(ExtractionProgress(stage: .identifying, done: index + 1, total: paths.count))
      })
    guard delivered == paths.count else {
      throw .interrupted(rows: writer.committedRows, path: writer.path)
    }
    return found.withLock { $0 }
  }
}
