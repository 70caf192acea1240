// One run over a list. Workers load and compute images, and the results are appended and committed in list order.

import Synchronization
import TapBackbone
import TapExtraction
import TapFileSystem
import TapFormats

/// The state of a run. All threads of the run share one state.
final class ExtractionSession: Sendable {
  private let list: ImageList
  private let access: StoreAccess
  private let contents: ContentTable
  private let computation: any RowComputation
  private let threads: Int
  private let window: Int
  private let stopsAtUnreadable: Bool
  private let recordsList: Bool
  private let progress: @Sendable (ExtractionProgress) -> Void
  private let state: Mutex<State>

  private struct State: Sendable {
    var items: [StoredItem] = []
    var fileErrors: [Int: FileSystemError] = [:]
    var computedRows = 0
    var clock = CommitClock()
  }

  init(
    extractor: FeatureExtractor, access: StoreAccess, list: ImageList,
    progress: @escaping @Sendable (ExtractionProgress) -> Void
  ) throws(FeatureError) {
    self.list = list
    self.access = access
    self.progress = progress
    threads = extractor.threads
    window = extractor.window
    stopsAtUnreadable = extractor.stopsAtUnreadable
    recordsList = extractor.recordsList
    contents = ContentTable(keys: access.committedKeys)
    computation = try FeatureError.mapping { () throws(BackboneError) in
      try extractor.source.computation(of: access.columns.map(\.column))
    }
    state = Mutex(State())
  }

  /// The items so far. An item that the run has not reached is pending.
  var items: [StoredItem] {
    let done = state.withLock { $0.items }
    let rest = list.items[done.count...]
    return done + rest.map { StoredItem(item: $0, status: .pending) }
  }

  /// The errors of the items whose files could not be read, by the items' indices.
  var fileErrors: [Int: FileSystemError] { state.withLock { $0.fileErrors } }

  var computedRows: Int { state.withLock { $0.computedRows } }

  /// Processes the list and finishes the store. The store is also finished after an interruption.
  ///
  /// - Returns: the reason why the store keeps its previous list; nil if the store holds the list of this run.
  func run(
    origin: ListOrigin, shouldStop: @escaping @Sendable () -> Bool
  ) throws(FeatureError) -> FileSystemError? {
    let count = list.items.count
    let batch = computation.batch
    let pieces = (count + batch - 1) / batch
    let pipeline = OrderedPipeline(threads: threads, window: window, shouldStop: shouldStop)
    let delivered = try pipeline.run(
      next: { $0 < pieces ? $0 : nil },
      makeWorker: { BatchLoader(computation) },
      work: { piece, loader in
        let range = piece * batch..<min((piece + 1) * batch, count)
        return loader.load(.files(list.items[range].map(list.location))) { key, place in
          contents.claim(key, for: range.lowerBound + place)
        }
      },
      deliver: { _, outcomes throws(FeatureError) in try deliver(outcomes) })
    let remains = try access.finish(items: recordsList ? items : nil, origin: origin)
    guard delivered == pieces else {
      throw .interrupted(rows: access.committedRows, path: access.path)
    }
    return remains
  }

  private func deliver(_ outcomes: [LoadOutcome]) throws(FeatureError) {
    for outcome in outcomes {
      let settled = try state.withLock { state throws(FeatureError) in
        let item = list.items[state.items.count]
        if case .unreadable(_, .file(let error)) = outcome { state.fileErrors[state.items.count] = error }
        let settled = try settle(outcome, item, &state.computedRows)
        state.items.append(settled)
        return settled
      }
      if stopsAtUnreadable, case .unreadable(let reason, _) = settled.status {
        try access.commit()
        let path = list.location(of: settled.item)
        if case .unreadable(_, let reason) = outcome { throw .ofImage(path, reason) }
        throw .unreadable(path: path, reason: reason)
      }
    }
    try state.withLock { state throws(FeatureError) in
      guard state.clock.isDue(pendingBytes: access.pendingBytes) else { return }
      try state.clock.run { () throws(FeatureError) in try access.commit() }
    }
    progress(
      ExtractionProgress(
        stage: .extracting, done: state.withLock { $0.items.count }, total: list.items.count))
  }

  private func settle(
    _ outcome: LoadOutcome, _ item: ImageItem, _ computedRows: inout Int
  ) throws(FeatureError) -> StoredItem {
    let key: Digest
    switch outcome {
    case .computed(let computed, let values):
      key = computed
      // If an earlier item of the list has the same content, that item has the row, even if this item was computed
      // first.
      if case .row = contents.entry(key) { break }
      let writer = try access.writer { key, row in contents.set(key, .row(row)) }
      // Another process may have added the row in the meantime.
      if case .row = contents.entry(key) { break }
      contents.set(key, .row(writer.append(key: key, values: values.span)))
      computedRows += 1
    case .unreadable(let read?, let reason):
      key = read
      contents.set(key, .unreadable(reason.text))
    case .unreadable(nil, let reason):
      return StoredItem(item: item, status: .unreadable(reason: reason.text, key: nil))
    case .known(let known):
      key = known
    }
    switch contents.entry(key) {
    case .row(let row): return StoredItem(item: item, status: .ok(key: key.hex, row: row))
    case .unreadable(let reason):
      return StoredItem(item: item, status: .unreadable(reason: reason, key: key.hex))
    case .claimed, nil:
      preconditionFailure("\(item.path) was left to an item that did not settle it")
    }
  }
}
